# auto.sh DYNRUN: folds, Hopf points, and cycles with their folds and a period doubling, by
# `continuation` and by AUTO-07p 0.9, where that and gfortran are installed. Ends with a line of
# counts for the test runner.
#
# AUTO accepts a special point when its step is short, and then does not look at what is left of the
# function: with its usual tolerances (EPSL = EPSU = 1e-7, EPSS = 1e-5) it has the lower fold of
# Wilson and Cowan's equations at 1.0855, which lies at 1.0873. Here all three are 1e-9 or less,
# and a check shows how far off the usual ones are.
dynrun=$1
. tests/scripts/harness

auto_dir=${AUTO_DIR:-/usr/lib/auto-07p}
compile() { quietly gfortran -w -fopenmp models.f90 -o models "$auto_dir"/lib/*.o; }

# PAR(20) says which of the models is meant; PAR(1) is their current.
cat > models.f90 <<'END_OF_FORTRAN'
subroutine func(ndim, u, icp, par, ijac, f, dfdu, dfdp)
  implicit none
  integer, intent(in) :: ndim, icp(*), ijac
  double precision, intent(in) :: u(ndim), par(*)
  double precision, intent(out) :: f(ndim)
  double precision, intent(inout) :: dfdu(ndim, ndim), dfdp(ndim, *)
  if (par(20) == 1) call wilson_cowan(u, par(1), f)
  if (par(20) == 2) call morris_lecar(u, par(1), f)
  if (par(20) == 3) call hodgkin_huxley(u, par(1), f)
contains
  double precision function rise(x, a, theta)
    double precision, intent(in) :: x, a, theta
    rise = 1 / (1 + exp(-a * (x - theta))) - 1 / (1 + exp(a * theta))
  end function
  subroutine wilson_cowan(u, p, f)
    double precision, intent(in) :: u(2), p
    double precision, intent(out) :: f(2)
    f(1) = -u(1) + (1 / (1 + exp(-5.2d0)) - u(1)) * rise(16 * u(1) - 12 * u(2) + p, 1.3d0, 4d0)
    f(2) = -u(2) + (1 / (1 + exp(-7.4d0)) - u(2)) * rise(15 * u(1) - 3 * u(2), 2d0, 3.7d0)
  end subroutine
  subroutine morris_lecar(u, i, f)
    double precision, intent(in) :: u(2), i
    double precision, intent(out) :: f(2)
    double precision :: m, n
    m = (1 + tanh((u(1) + 1.2d0) / 18)) / 2
    n = (1 + tanh((u(1) - 2) / 30)) / 2
    f(1) = (i - 4.4d0 * m * (u(1) - 120) - 8 * u(2) * (u(1) + 84) - 2 * (u(1) + 60)) / 20
    f(2) = 0.04d0 * cosh((u(1) - 2) / 60) * (n - u(2))
  end subroutine
  double precision function linoid(x)
    double precision, intent(in) :: x
    linoid = 1 + x / 2 + x * x / 12
    if (abs(x) > 1d-4) linoid = x / (1 - exp(-x))
  end function
  subroutine hodgkin_huxley(u, i, f)
    double precision, intent(in) :: u(4), i
    double precision, intent(out) :: f(4)
    double precision :: v
    v = u(1)
    f(1) = i - 120 * u(2)**3 * u(3) * (v - 50) - 36 * u(4)**4 * (v + 77) - 0.3d0 * (v + 54.4d0)
    f(2) = linoid((v + 40) / 10) * (1 - u(2)) - 4 * exp(-(v + 65) / 18) * u(2)
    f(3) = 0.07d0 * exp(-(v + 65) / 20) * (1 - u(3)) - u(3) / (1 + exp(-(v + 35) / 10))
    f(4) = 0.1d0 * linoid((v + 55) / 10) * (1 - u(4)) - 0.125d0 * exp(-(v + 65) / 80) * u(4)
  end subroutine
end subroutine
subroutine stpnt
end subroutine
subroutine bcnd
end subroutine
subroutine icnd
end subroutine
subroutine fopt
end subroutine
subroutine pvls
end subroutine
END_OF_FORTRAN

# dynrun's half: each file holds what AUTO is asked for.
cat > own.dyn <<'END_OF_MODEL'
from std.neurons import hodgkin_huxley
network wc(P) {
  state E = 0, I = 0
  fn rise(x, a, theta) = sigmoid(a * (x - theta)) - sigmoid(-a * theta)
  dE/dt = -E + (sigmoid(5.2) - E) * rise(16 * E - 12 * I + P, 1.3, 4)
  dI/dt = -I + (sigmoid(7.4) - I) * rise(15 * E - 3 * I, 2, 3.7)
}
network ml(I) {
  state V = -60, w = 0.015
  let m = (1 + tanh((V + 1.2) / 18)) / 2
  let n = (1 + tanh((V - 2) / 30)) / 2
  dV/dt = (I - 4.4 * m * (V - 120) - 8 * w * (V + 84) - 2 * (V + 60)) / 20
  dw/dt = 0.04 * cosh((V - 2) / 60) * (n - w)
}
network hh(I) { population c = hodgkin_huxley(E_L = -54.4 mV); c.I += I }
let uA = 1 [uA/cm^2]

let e = continuation(fn(P) = wc(P), from = 0, to = 3)
save("wc_folds.csv", (p = e.folds.p, x = e.folds.x[:, 0]))
save("wc_hopfs.csv", (p = e.hopfs.p, x = e.hopfs.x[:, 0]))

let r = continuation(fn(I) = ml(I), from = 0, to = 250)
let c = continuation(fn(I) = ml(I), from = 0, to = 250, start = r.hopfs[0])
save("ml_hopfs.csv", (p = r.hopfs.p, x = r.hopfs.x[:, 0]))
save("ml_folds.csv", (p = c.folds.p, period = c.folds.period))
save("ml_cycles.csv", (p = [100, 150], period = [limit_cycle(ml(I), near = [20, 0.2]).period for I in [100, 150]]))

let rest = continuation(fn(I) = hh(I), from = 0 * uA, to = 200 * uA)
let fire = continuation(fn(I) = hh(I), from = 0 * uA, to = 200 * uA, start = rest.hopfs[0])
save("hh_hopfs.csv", (p = rest.hopfs.p / uA, V = rest.hopfs.state.c.V / 1 mV))
save("hh_folds.csv", (p = fire.folds.p / uA, period = fire.folds.period / 1 ms))
save("hh_flips.csv", (p = fire.flips.p[:1] / uA, period = fire.flips.period[:1] / 1 ms))
END_OF_MODEL

# AUTO's constants: what is to be computed, from which solution, with which accuracy.
auto() { # NDIM IPS IRS NTST DS DSMAX EPS LAST MORE: a run; its table is fort.7
  cat > fort.2 <<END_OF_CONSTANTS
NDIM=$1, IPS=$2, IRS=$3, ICP=[1, 11], NTST=$4, NCOL=4, IAD=3, ISP=2, ISW=1, ILP=1, NPR=0
ITMX=20, ITNW=9, NWTN=3, JAC=0, EPSL=$7, EPSU=$7, EPSS=${eps_special:-$7}, NMX=2000, NPAR=20
DS=$5, DSMIN=1e-8, DSMAX=$6, IADS=1, RL0=-1, RL1=$8
$9
END_OF_CONSTANTS
  ./models > out 2> err
}
# The rows of this kind in fort.7, 2 a fold, 3 a Hopf point, 5 a fold of cycles, 7 a period doubling,
# -4 a value that was asked for: the parameter and column COLUMN, for dynrun's file of this name.
agrees() { # NAME KIND COLUMN TOLERANCE [ROWS]
  awk -v kind="$2" -v column="$3" '$1 != 0 && $3 == kind { print $5, $column }' fort.7 |
    head -n "${5:-9}" > theirs
  tail -n +2 own.run/"$1".csv | tr ',' ' ' > ours
  paste -d ' ' ours theirs | tee out | awk -v tol="$4" '
    function far(a, b) { return a - b > tol * (1 + (b < 0 ? -b : b)) || b - a > tol * (1 + (b < 0 ? -b : b)) }
    NF != 4 || far($1, $3) || far($2, $4) { bad = 1 }
    END { exit bad || NR == 0 }'
}
from_hopf() { # the number of the first Hopf point of the last run, where the next one begins
  cp fort.8 fort.3
  awk '$1 != 0 && $3 == 3 { print $4; exit }' fort.7
}

if command -v gfortran > /dev/null && [ -r "$auto_dir/lib/main.o" ]; then
  ok "AUTO's models compile" compile
  ok "dynrun's models run" ends 0 -q own.dyn

  wilson_cowan='PAR={1: 0.0, 20: 1.0}, U={1: 0.0, 2: 0.0}'
  ok "AUTO: Wilson-Cowan" auto 2 1 0 20 0.001 0.01 1e-10 3 "$wilson_cowan"
  ok "the same folds" agrees wc_folds 2 7 1e-7
  ok "the same Hopf point" agrees wc_hopfs 3 7 1e-7
  eps_special=1e-5
  ok "AUTO: Wilson-Cowan, usual accuracy" auto 2 1 0 20 0.01 0.05 1e-7 3 "$wilson_cowan"
  unset eps_special
  cp fort.7 usual
  ok "by which its fold is off" awk '$1 != 0 && $3 == 2 { exit !($5 < 1.0860) }' usual

  ok "AUTO: Morris-Lecar" auto 2 1 0 20 0.1 1 1e-10 250 \
    'PAR={1: 0.0, 20: 2.0}, U={1: -60.85, 2: 0.0149}'
  ok "the same Hopf points" agrees ml_hopfs 3 7 1e-7
  ok "AUTO: its cycles" auto 2 2 "$(from_hopf)" 120 0.01 1 1e-9 250 \
    'UZR={1: [100.0, 150.0]}, STOP=["LP2"]'
  ok "the same folds of cycles" agrees ml_folds 5 9 1e-7
  ok "the same periods" agrees ml_cycles -4 9 1e-7

  ok "AUTO: Hodgkin-Huxley" auto 4 1 0 20 0.1 1 1e-10 200 \
    'PAR={1: 0.0, 20: 3.0}, U={1: -65.0, 2: 0.053, 3: 0.596, 4: 0.317}'
  ok "the same Hopf points" agrees hh_hopfs 3 7 1e-7
  hopf=$(from_hopf)
  ok "AUTO: its cycles" auto 4 2 "$hopf" 80 0.01 0.2 1e-9 200 'STOP=["LP3"]'
  ok "the same three folds of cycles" agrees hh_folds 5 11 1e-7
  ok "AUTO: its cycles, in short steps" auto 4 2 "$hopf" 80 0.01 0.05 1e-9 200 'STOP=["PD1"]'
  ok "the same period doubling" agrees hh_flips 7 11 1e-6
else
  echo "auto: skipped: no AUTO-07p in $auto_dir, or no gfortran here"
fi

counts auto
