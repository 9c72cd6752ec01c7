# flatten.sh DYNRUN: a model of several files and the one file that `flatten` makes of it give the
# same numbers, bit for bit. Ends with a line of counts for the test runner.
dynrun=$1
. tests/scripts/harness

mkdir sub data
echo 1,2,3 > data/w.csv
cat > model.dyn <<'EOF'
dyn 1
## A model of several files.

import std.neurons
from std.connectivity import gaussian
import std.tasks as tk
import "lab.dyn"; from "sub/lab.dyn" import twice, J

param N = 5
network ei(N = N, k = lab.gain) {
  population E = neurons.rate_tanh(tau = 20 ms)[N]
  population V = lab.unit[N]
  connect rec: E -> E ~ normal(0, 1)
  connect V -> E = gaussian(1.5)
  E.I += twice(lab.gain)
}
network map {
  input u : [3] = 0
  state h : [3] = 0
  weight W : [3, 3] ~ normal(0, 1)
  output z = W @ h
  next h = tanh(W @ h + u)
}
let run = simulate(ei, for = 100 ms)
let walk = simulate(lab.walk(seed = 3), for = 100 ms, dt = 1 ms, seed = 2)
let score = evaluate(map, tk.flip_flop(steps = 10), trials = 4)
let matrix = gaussian(g = 2, post = 2, pre = 3)
let numbers = fixed_points(map, starts = [lab.noise(3) + J, lab.J + lab.drawn, lab.w[0]])
EOF
cat > lab.dyn <<'EOF'
import "sub/lab.dyn" as inner
param gain = 2 in [0, 10]
let J = inner.twice(1) * inner.J
let w = load("data/w.csv")
let drawn : [3] ~ normal(0, gain)
fn noise(n) = { let a = n; sample(normal(0, gain), [a]) }
neuron unit {
  let b ~ uniform(1, 2)
  state x ~ normal(0, 1)
  output x
  10 ms * dx/dt = -b * x
}
network walk {
  state v = 0
  noise xi
  10 ms * dv/dt = -v + sqrt(10 ms) * xi
}
EOF
cat > sub/lab.dyn <<'EOF'
fn twice(x) = 2 * x
let J : [3] ~ normal(0, 1)
EOF
cat > compare.dyn <<'EOF'
let a = load("model.run/results.h5")
let b = load("flat.run/results.h5")
expect all(a.run.E.x == b.run.E.x) and all(a.run.V.x == b.run.V.x)
expect all(a.walk.v == b.walk.v) and std(a.walk.v) > 0
expect all(a.score.out.z == b.score.out.z) and all(a.score.input.u == b.score.input.u)
expect all(a.numbers.x == b.numbers.x)
EOF
ok "the model runs" ends 0 -q model.dyn
ok "it is flattened into a file" ends 0 flatten model.dyn -o flat.dyn
ok "without a word" [ ! -s out -a ! -s err ]
rm -r lab.dyn sub
ok "that runs alone" ends 0 -q flat.dyn
ok "with the same results" ends 0 -q compare.dyn
ok "and is laid out already" ends 0 fmt flat.dyn
ok "as fmt would" cmp -s out flat.dyn
ok "and names its data" says flat.dyn 'beside it: data/w.csv'
ok "flattening it again" ends 0 flatten flat.dyn -o again.dyn
ok "a model with an error ends with 3" ends 3 flatten model.dyn
ok "a file that cannot be written ends with 5" ends 5 flatten flat.dyn -o nosuch/flat.dyn
counts flatten
