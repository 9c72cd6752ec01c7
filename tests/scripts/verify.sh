# verify.sh DYNRUN: runs are repeated from what their folder of results holds: verify, diff,
# reproduce, --portable, and folders that something happened to. Ends with a line of counts for the
# test runner.
dynrun=$1
. tests/scripts/harness
python=/usr/bin/python3
$python -c 'import h5py' 2> /dev/null || python=

mkdir sub tmp
export TMPDIR="$work/tmp"
echo 1,2,3 > sub/w.csv
echo 'fn twice(x) = 2 * x' > sub/lab.dyn
cat > model.dyn <<'END'
import std.neurons
from "sub/lab.dyn" import twice
param g = 0.5 in [0, 10]
param label = "a b"
let w = load("sub/w.csv")
network net(g = g) {
  state x : [20] ~ normal(0, 1)
  weight J : [20, 20] ~ normal(0, g / sqrt(20))
  10 ms * dx/dt = -twice(x) + J @ tanh(x) + w[0, 1] / 10
}
let run = simulate(net, for = 200 ms, every = 5 ms)
save("end.csv", run.final.x)
save("end.npz", run.final)
save("word", label)
save("words", ["an", label, if g > 0.7 then "other" else "same"])
save("yes", run.final.x[0] > -100)
expect max(abs(run.final.x)) < 1
END
cat > chaos.dyn <<'END'
network lorenz { state x = 1, y = 1, z = 20
  state u : [40] ~ normal(0, 1)
  weight J : [40, 40] ~ normal(0, 0.1)
  du/dt = -u + J @ u
  dx/dt = 10 * (y - x) + u[0]
  dy/dt = x * (28 - z) - y
  dz/dt = x * y - 8 / 3 * z }
let run = simulate(lorenz, for = 60, every = 0.05, record = ["x", "z"])
let short = simulate(lorenz, for = 1)
expect mean(run.z) > 20
expect max(abs(run.x)) < 30
END

# Provenance, and a run without the folder that it came from.
ok "a model of several files" ends 0 -q model.dyn -p g=0.7 -p "label=it's" --seed 3 -o a.run
mkdir away && mv model.dyn sub away
ok "is verified without them" ends 0 verify a.run
ok "to the last bit" says out '^[0-9]* same\.$'
ok "each result has a row" says out '^result *run/x *same'
ok "so have files and claims" says out '^file *end.csv *same'
ok "claims too" says out '^claim *max(abs(run.final.x)) < 1 *same'
ok "as JSON" ends 0 verify --json a.run
ok "that agrees" says out '"agrees": true'
ok "and holds each row" says out '{"what": "result", "name": "run/x", "verdict": "same"}'
ok "-q shows nothing then" ends 0 verify -q a.run
ok "nothing at all" [ ! -s out -a ! -s err ]

ok "it is written out" ends 0 reproduce a.run/results.h5 -o again
ok "with its data" cmp -s again/sub/w.csv away/sub/w.csv
ok "as one file" lacks again/model.dyn '^import\|^from'
tail -n 1 out > command
ok "with its command" says command "dynrun again/model.dyn -p g=0.7 -p 'label=it'.*s' --seed 3\$"
ok "which runs" sh -c "PATH=$(dirname "$dynrun"):\$PATH; $(cat command) -q"
ok "to the same results" ends 0 diff a.run again/model.run
ok "of the same model" says out '^[0-9]* same\.$'
ok "an own folder by default" ends 0 reproduce a.run
ok "named after the model" [ -s model/model.dyn ]
ok "that is not empty the second time" ends 5 reproduce a.run
ok "which is said" says err 'E0710'

# Two runs, two models.
ok "a run with another gain" ends 0 -q again/model.dyn -p g=0.8 -p "label=it's" --seed 3 -o b.run
ok "differs" ends 1 diff a.run b.run
ok "in its setting" says out '^setting *g *different *0.7 -> 0.8'
ok "and its numbers" says out '^result *run/x *different'
ok "not in what is the same" lacks out 'run/t'
ok "of strings by the first that differs" says out '^result *words *different *\[2\] same -> \[2\] other'
sed 's/10 ms \* dx/20 ms * dx/; s/max(abs/min(abs/; s/0.5 in/0.6 in/; s/^network/# a comment\n&/' again/model.dyn > again/other.dyn
ok "two models differ" ends 1 diff again/model.dyn again/other.dyn
ok "in an equation" says out '^equation *net: dx/dt *different *10 ms \* dx/dt .* -> 20 ms \* dx/dt'
ok "in a parameter" says out '^parameter *g *different'
ok "in a claim" says out '^claim *min(abs(run.final.x)) < 1 *only in the second'
ok "and in no more" says out 'same, 2 different, 1 only in the first, 1 only in the second'
"$dynrun" fmt again/model.dyn | sed 's/^/\n/' > again/spaced.dyn
ok "layout is no difference" ends 0 diff again/model.dyn again/spaced.dyn
ok "a model and a run are no pair" ends 5 diff again/model.dyn a.run
ok "that is said" says err 'two of a kind'
ok "one of them alone" ends 2 diff a.run

# Other kernels: rounding differs, and the rest follows from how each result answers to that.
if grep -q avx2 /proc/cpuinfo; then
  ok "a run with its own kernels" ends 0 -q chaos.dyn
  DYN_ISA=plain "$dynrun" verify chaos.run > out 2> err
  ok "other kernels agree" [ $? = 0 ]
  ok "a short run within its tolerance" says out '^result *short/x *within tolerance *[0-9.e-]* of [0-9.e-]* allowed'
  ok "a chaotic one by its statistics" says out '^result *run/x *same statistics'
  ok "claims hold as they did" says out '^claim *mean(run.z) > 20 *same'
  # The same kernels on request: verify uses those that the run had.
  DYN_ISA=plain "$dynrun" -q chaos.dyn -o plain.run > out 2> err
  ok "verify takes the kernels of the run" ends 0 verify -q plain.run
  ok "to the last bit" [ ! -s out ]
fi

# --portable: the same bits, whatever the processor would be served best with.
if grep -q avx2 /proc/cpuinfo; then
  cat > blas.dyn <<'END'
let A : [60, 60] ~ normal(0, 1)
network net { state x : [300] ~ normal(0, 1)
  weight J : [300, 300] ~ normal(0, 0.1)
  dx/dt = -x + J @ tanh(x) + sin(t) * exp(-x^2) }
network map { input u : [2] = 0
  state h : [40] = 0
  weight W : [40, 40] ~ normal(0, 0.15)
  weight U : [40, 2] ~ normal(0, 1)
  output z = sum(h)
  next h = tanh(W @ h + U @ u) }
task copy {
  input u : [2]
  target z
  draw a : [2] ~ normal(0, 1) every step
  phase all (20) { u = a; z = a[0] }
}
save("A", (eigen = eig(A), inverse = inv(A), product = A @ A, values = svd(A), tails = gamma_fn(1 + abs(A))))
let run = simulate(net, for = 20, dt = 0.05, method = rk4, every = 1)
let stiff = simulate(net, for = 3, method = bdf, every = 0.5)
let fit = train(map, copy, steps = 8, batch = 16)
END
  ok "a portable run" ends 0 -q --portable blas.dyn -o p.run
  ok "says so" says p.run/run.json '"portable": true'
  ok "and takes the kernels of AVX2" says p.run/run.json '"kernels": "avx2"'
  for core in Haswell Zen SkylakeX Nehalem; do
    OPENBLAS_CORETYPE=$core "$dynrun" -q --portable blas.dyn -o q.run > out 2> err
    ok "portable where OpenBLAS would be for $core" "$dynrun" diff -q p.run q.run
  done
  for isa in avx2 avx512; do
    DYN_ISA=$isa "$dynrun" -q --portable blas.dyn -o q.run > out 2> err
    ok "portable where the kernels would be $isa" "$dynrun" diff -q p.run q.run
  done
  GLIBC_TUNABLES=glibc.cpu.hwcaps=-AVX512F,-AVX512VL,-AVX512DQ,-ERMS,-Prefer_No_VZEROUPPER \
    "$dynrun" -q --portable blas.dyn -o q.run > out 2> err
  ok "portable with the C library of a smaller processor" "$dynrun" diff -q p.run q.run
  ok "it is verified as portable" ends 0 verify -q p.run
  ok "to the last bit" [ ! -s out ]
  DYN_ISA=plain "$dynrun" -q --portable blas.dyn -o r.run > out 2> err
  ok "a machine without AVX2 ends with 2" [ $? = 2 ]
  ok "and says why" says err 'no AVX2'
  ok "writing nothing" [ ! -e r.run ]
fi

# Folders that something happened to.
bad() { # WHAT PATTERN: verify notices
  ok "$1" ends 1 verify bad.run
  ok "$1: which is told" says out "$2"
  rm -r bad.run
}
cp -r a.run bad.run
sed -i 's/"held": true/"held": false/' bad.run/run.json
bad "a claim that was turned" '^claim .* different .*fails -> holds'
cp -r a.run bad.run
echo 9 >> bad.run/end.csv
bad "a file that was changed" '^file *end.csv *altered'
cp -r a.run bad.run
rm bad.run/end.npz
bad "a file that was removed" '^file *end.npz *altered *it is missing'
if [ "$python" ]; then
  edit() { # PYTHON: of bad.run/results.h5 as f
    cp -r a.run bad.run
    $python -c "import h5py; f = h5py.File('bad.run/results.h5', 'r+'); p = f['.provenance']; $1; f.close()"
  }
  edit 'f["run/x"][3, 4] += 1e-9'
  bad "a number that was changed" '^result *run/x *altered .*digest'
  edit 'del f["run/t"]'
  bad "a result that was removed" '^result *run/t *altered .*not in results.h5'
  edit 'f["more"] = 1.0'
  bad "a result that was added" '^result *more *altered'
  edit 's = p["source"][()].decode(); del p["source"]; p["source"] = s.replace("/ 10", "/ 11")'
  bad "a source that was edited" '^source *model.dyn *altered'
  edit 's = p["source"][()].decode(); del p["source"]; p["source"] = s.replace("tanh", "sin")'
  ok "the edited source is run, and found to be another" ends 1 verify bad.run
  ok "in its numbers" says out '^result *run/x *different'
  rm -r bad.run
  edit 'p["files/0"][0] = 50'
  bad "data that were changed" '^data *sub/w.csv *altered'
  edit 's = p["source"][()].decode(); del p["source"]; p["source"] = s + "\nlet x = ("'
  ok "a source that is none ends with 3" ends 3 verify bad.run
  rm -r bad.run
  edit 'p.attrs["layout"] = 2; p.attrs["dynrun"] = "7.1"'
  ok "a later layout ends with 5" ends 5 verify bad.run
  ok "and names the version" says err 'dynrun 7.1.*E0714'
  ok "it is not written out either" ends 5 reproduce bad.run -o nowhere
  ok "nothing is there then" [ ! -e nowhere ]
  rm -r bad.run
  edit 'del f[".provenance"]'
  ok "results without their model end with 5" ends 5 verify bad.run
  ok "and say so" says err 'does not hold its model'
  rm -r bad.run
  edit 'd = p["files/0"]; a = dict(d.attrs); del p["files/0"]; n = p["files"].create_dataset("0", (0,), "u1"); n.attrs.update(a)'
  ok "data that were not kept are looked for" ends 5 verify bad.run
  ok "in their place" says err 'too large to be kept.*E0715'
  mv away/sub .
  ok "and found there" ends 0 verify -q bad.run
  mv sub away
  rm -r bad.run
fi
cp -r a.run bad.run
sed -i 's/"layout": 1/"layout": 2/; s/"dynrun": "[^"]*"/"dynrun": "7.1"/' bad.run/run.json
ok "a run.json of a later layout" ends 5 verify bad.run
ok "names the version" says err 'dynrun 7.1.*E0714'
truncate -s 300 bad.run/run.json
ok "half a run.json" ends 5 verify bad.run
ok "names the line" says err 'is damaged: line [0-9]* is no JSON'
rm bad.run/run.json
ok "none" ends 5 verify bad.run
cp a.run/run.json bad.run
truncate -s 3000 bad.run/results.h5
ok "half a results.h5" ends 5 verify bad.run
ok "is told" says err 'cut off'
rm bad.run/results.h5
ok "none" ends 5 verify bad.run
ok "is told" says err 'no such file'
ok "no folder" ends 5 verify nosuch.run
ok "no operand" ends 2 verify
ok "nothing is left behind" [ -z "$(ls tmp)" ]

# Runs that failed are repeated as such.
printf 'network n { state x = 1; dx/dt = x^2 }\nlet run = simulate(n, for = 5)\nlet b = 1\nexpect b == 2\n' > blowup.dyn
ok "a run that blew up" ends 4 -q blowup.dyn
ok "is verified" ends 0 verify blowup.run
ok "with how it ended" says out '^outcome *blowup.dyn *same'
counts verify
