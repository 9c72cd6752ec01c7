# peers.sh DYNRUN: fixed points, eigenvalues, cycles, Hopf points and courses against SciPy and XPPAUT,
# each where it is installed. Ends with a line of counts for the test runner. For AUTO see auto.sh.
dynrun=$1
. tests/scripts/harness

# SciPy: a random network's points by root finding and eigenvalues, a cycle by DOP853 and its
# variational equations, singular values of a transition matrix by the matrix exponential.
cat > net.dyn <<'END_OF_MODEL'
network tangle {
  weight J : [12, 12] ~ normal(0, 1.6 / sqrt(12))
  state x : [12] ~ normal(0, 1)
  dx/dt = -x + J @ tanh(x)
}
network ml(I = 100) {
  state V = -20, w = 0.1
  let m = (1 + tanh((V + 1.2) / 18)) / 2
  let n = (1 + tanh((V - 2) / 30)) / 2
  dV/dt = (I - 4.4 * m * (V - 120) - 8 * w * (V + 84) - 2 * (V + 60)) / 20
  dw/dt = 0.04 * cosh((V - 2) / 60) * (n - w)
}
let A = [[-1, 3, 0], [0, -0.5, 2], [0.3, 0, -2]]
network linear { state x : [3] = 1; dx/dt = A @ x }
let f = fixed_points(tangle, n = 200)
let c = limit_cycle(ml)
let b = continuation(fn(I) = ml(I = I), from = 50, to = 250, start = [-40, 0])
let s = sensitivity(linear, for = 3, every = 3)
save("net.npz", with(tangle))
save("points.npz", (x = f.x, re = f.eig_re, im = f.eig_im, unstable = f.n_unstable))
save("cycle.npz", (period = c.period, x = c.x, re = c.multipliers_re, im = c.multipliers_im))
save("hopf.npz", (p = b.hopfs.p, x = b.hopfs.x, omega = b.hopfs.omega))
save("linear.npz", (singular = s.singular, log_singular = s.log_singular))
END_OF_MODEL
cat > compare.py <<'END_OF_PYTHON'
import sys
import numpy as np
from scipy.integrate import solve_ivp
from scipy.linalg import expm
from scipy.optimize import root

read = lambda name: np.load("net.run/" + name + ".npz")

def points():
    J, f = read("net")["J"], read("points")
    field = lambda x: -x + J @ np.tanh(x)
    slope = lambda x: -np.eye(12) + J / np.cosh(x) ** 2
    def known(x):
        return np.abs(f["x"] - x).max(axis=1).min() < 1e-8
    for x, re, im, unstable in zip(f["x"], f["re"], f["im"], f["unstable"]):
        r = root(field, x, jac=slope, tol=1e-13)
        assert np.abs(r.x - x).max() < 1e-9, (r.x, x)
        own, other = np.sort_complex(re + 1j * im), np.sort_complex(np.linalg.eigvals(slope(x)))
        assert np.abs(own - other).max() < 1e-7, (own, other)
        assert unstable == (other.real > 0).sum()
    random = np.random.default_rng(1)
    found = 0
    for x in random.normal(0, 1, (300, 12)):
        r = root(field, x, jac=slope, tol=1e-13)
        if r.success and np.abs(field(r.x)).max() < 1e-11:
            assert known(r.x), r.x
            found += 1
    assert found > 100, found

def ml(I):
    def field(t, y):
        V, w = y[:2]
        m, n = (1 + np.tanh((V + 1.2) / 18)) / 2, (1 + np.tanh((V - 2) / 30)) / 2
        mV, nV = (1 - (2 * m - 1) ** 2) / 36, (1 - (2 * n - 1) ** 2) / 60
        rate, rateV = 0.04 * np.cosh((V - 2) / 60), 0.04 * np.sinh((V - 2) / 60) / 60
        out = [(I - 4.4 * m * (V - 120) - 8 * w * (V + 84) - 2 * (V + 60)) / 20, rate * (n - w)]
        D = np.array([[(-4.4 * (m + mV * (V - 120)) - 8 * w - 2) / 20, -8 * (V + 84) / 20],
                      [rateV * (n - w) + rate * nV, -rate]])
        return np.concatenate([out, (D @ y[2:].reshape(2, 2)).ravel()]) if len(y) > 2 else out, D
    return field

def cycle():
    c = read("cycle")
    up = lambda t, y: y[0]
    up.direction = 1
    field = lambda t, y: ml(100)(t, y)[0]
    run = solve_ivp(field, (0, 2000), [-20, 0.1], "DOP853", rtol=1e-12, atol=1e-12, events=up)
    period = np.diff(run.t_events[0])[-1]
    assert abs(period - c["period"]) < 1e-6, (period, c["period"])
    start = np.concatenate([run.y_events[0][-1], [1, 0, 0, 1]])
    end = solve_ivp(field, (0, period), start, "DOP853", rtol=1e-12, atol=1e-14).y[2:, -1]
    other = np.sort(np.abs(np.linalg.eigvals(end.reshape(2, 2))))
    own = np.sort(np.hypot(c["re"], c["im"]))
    assert np.abs(own - other).max() < 1e-6, (own, other)

def hopf():
    h = read("hopf")
    assert len(h["p"]) == 2
    for p, x, omega in zip(h["p"], h["x"], h["omega"]):
        def condition(z):
            out, D = ml(z[2])(0, z[:2])
            return [*out, np.trace(D)]
        r = root(condition, [*x, p], tol=1e-13)
        assert np.abs(r.x - [*x, p]).max() < 1e-6, (r.x, x, p)
        values = np.linalg.eigvals(ml(r.x[2])(0, r.x[:2])[1])
        assert abs(abs(values[0].imag) - omega) < 1e-8

def linear():
    A = np.array([[-1, 3, 0], [0, -0.5, 2], [0.3, 0, -2]])
    other = np.linalg.svd(expm(3 * A), compute_uv=False)
    own = read("linear")["singular"][-1]
    assert np.abs(own / other - 1).max() < 1e-5, (own, other)

globals()[sys.argv[1]]()
END_OF_PYTHON
for python in python3 /usr/bin/python3 none; do
  quietly "$python" -c 'import scipy' && break
done
if [ $python != none ]; then
  ok "the model for SciPy runs" ends 0 -q net.dyn
  for what in points cycle hopf linear; do
    ok "SciPy agrees: $what" quietly $python compare.py $what
  done
else
  echo "peers: skipped: no SciPy here"
fi

# XPPAUT: the end of a course in Runge-Kutta steps, and the times at which a spiking course passes 0.
# Without its windows it only integrates: it neither finds equilibria nor runs the AUTO that it
# holds. So a Hopf point is checked by how a small deviation goes round there, and a fold by courses
# at parameters on both sides of it.
cat > fhn.ode <<'END_OF_MODEL'
par I=0.5
v'=v-v^3/3-w+I
w'=0.08*(v+0.7-0.8*w)
init v=-1,w=1
@ total=20,dt=0.001,meth=rungekutta,njmp=20000,maxstor=100000
done
END_OF_MODEL
sed 's/^@.*/@ total=400,dt=0.001,meth=rungekutta,maxstor=100000,poimap=section,poivar=v,poipln=0,poisgn=1/' \
  fhn.ode > beat.ode
cat > fhn.dyn <<'END_OF_MODEL'
network fhn(I = 0.5) {
  state v = -1, w = 1
  dv/dt = v - v^3 / 3 - w + I
  dw/dt = 0.08 * (v + 0.7 - 0.8 * w)
}
let end = simulate(fhn, for = 20, method = rk4, dt = 0.001, record = []).final
save("own.csv", (v = [end.v], w = [end.w], period = [limit_cycle(fhn).period]))
let b = continuation(fn(I) = fhn(I), from = 0, to = 1)
save("hopf.csv", (I = b.hopfs.p, v = b.hopfs.x[:, 0], w = b.hopfs.x[:, 1], turn = 2 * pi / b.hopfs.omega))
network wc(P) {
  state E = 0, I = 0
  fn S(x, a, theta) = sigmoid(a * (x - theta)) - sigmoid(-a * theta)
  dE/dt = -E + (sigmoid(5.2) - E) * S(16 * E - 12 * I + P, 1.3, 4)
  dI/dt = -I + (sigmoid(7.4) - I) * S(15 * E - 3 * I, 2, 3.7)
}
let f = continuation(fn(P) = wc(P), from = 0, to = 1.5).folds
save("fold.csv", (P = f.p[:1], E = f.x[:1, 0]))
END_OF_MODEL
write_hopf() { # the ode file of a course that begins beside the Hopf point
  tail -n 1 fhn.run/hopf.csv | tr ',' ' ' | {
    read -r I v w turn
    sed "s/^par.*/par I=$I/; s/^init.*/init v=$v,w=$(awk "BEGIN { printf \"%.9f\", $w + 3e-4 }")/
      s/^@.*/@ total=930,dt=0.005,meth=rungekutta,maxstor=100000,poimap=section,poivar=v,poipln=$v,poisgn=1/" \
      fhn.ode > turns.ode
    echo "$w $turn" > expected
  }
}
write_fold() { # OFFSET: a course from rest, with P by so much above the fold
  P=$(tail -n 1 fhn.run/fold.csv | awk -F , -v by="$1" '{ printf "%.9f", $1 + by }')
  cat > fold.ode <<END_OF_ODE
par P=$P
S(x,a,h)=1/(1+exp(-a*(x-h)))-1/(1+exp(a*h))
e'=-e+(1/(1+exp(-5.2))-e)*S(16*e-12*i+P,1.3,4)
i'=-i+(1/(1+exp(-7.4))-i)*S(15*e-3*i,2,3.7)
@ total=1500,dt=0.02,meth=rungekutta,njmp=10,maxstor=100000
done
END_OF_ODE
}
most() { awk -v most=0 '$2 > most { most = $2 } END { print most }' "$1"; }
close() { # LIMIT A B: two numbers are
  awk -v limit="$1" -v a="$2" -v b="$3" \
    'BEGIN { d = a - b; print a, b, d > "out"; exit !(a != "" && b != "" && d < limit && -d < limit) }'
}
column() { sed -n 2p fhn.run/own.csv | cut -d, -f "$1"; }
if command -v xppaut > /dev/null; then
  ok "the model for XPPAUT runs" ends 0 -q fhn.dyn
  ok "XPPAUT runs" quietly xppaut fhn.ode -silent -outfile course
  ok "XPPAUT ends at the same v" close 1e-6 "$(awk 'END { print $2 }' course)" "$(column 1)"
  ok "XPPAUT ends at the same w" close 1e-6 "$(awk 'END { print $3 }' course)" "$(column 2)"
  ok "XPPAUT finds sections" quietly xppaut beat.ode -silent -outfile beats
  ok "XPPAUT has the same period" close 2e-3 \
    "$(awk '{ before = t; t = $1 } END { print t - before }' beats)" "$(column 3)"
  write_hopf
  ok "XPPAUT goes round a Hopf point" quietly xppaut turns.ode -silent -outfile turns
  read -r rest turn < expected
  ok "where deviations neither grow nor decay" close 0.005 1 \
    "$(awk -v w="$rest" 'NR == 1 { first = $3 - w } END { print NR < 40 ? "" : ($3 - w) / first }' turns)"
  ok "at the same frequency" close 2e-4 "$turn" \
    "$(awk 'NR == 1 { first = $1 } END { print ($1 - first) / (NR - 1) }' turns)"
  write_fold -2e-5
  ok "XPPAUT below a fold" quietly xppaut fold.ode -silent -outfile below
  ok "stays at rest" close 1e-3 "$(most below)" "$(sed -n 2p fhn.run/fold.csv | cut -d, -f 2)"
  write_fold 2e-5
  ok "XPPAUT above it" quietly xppaut fold.ode -silent -outfile above
  ok "leaves" awk -v most="$(most above)" 'BEGIN { exit !(most > 0.1) }'
else
  echo "peers: skipped: no xppaut here"
fi

counts peers
