# jobs.sh DYNRUN: analyses inside a sweep, and simulations of many trials, give the same bytes whatever
# the number of processes. Ends with a line of counts for the test runner.
dynrun=$1
. tests/scripts/harness

cat > m.dyn <<'END_OF_MODEL'
from std.analysis import attractors
network pair(w = 2) {
  state x : [2] ~ normal(0, 1)
  dx/dt = -x + tanh([[w, -0.5], [-0.5, w]] @ x)
}
network noisy(a = 1) {
  state x = 0
  noise xi
  dx/dt = -a * x + xi
}
network tangle(g = 2) {
  weight J : [20, 20] ~ normal(0, g / sqrt(20))
  state x : [20] ~ normal(0, 1)
  dx/dt = -x + J @ tanh(x)
}
let out = sweep w in linspace(0.6, 3, 5), s < 2 {
  let f = fixed_points(pair(w), n = 40, seed = s)
  let b = basins(pair(w), f, for = 50, n = 60, seed = s)
  let a = attractors(pair(w), 20, 5, 0.5, n = 30, seed = s)
  let l = lyapunov(tangle(w), k = 4, for = 20, seed = s)
  let c = continuation(fn(p) = pair(w = p), from = w, to = w + 1)
  let run = simulate(noisy(w), for = 2, dt = 0.01, trials = 8, record = [], seed = s)
  (count = f.count, q = sum(f.q), share = b.fraction[0], error = b.error[0], stable = a.count, first = a.share[0],
   exponents = l.exponents, dimension = l.dimension, at = c.p[-1], low = c.eig_re[-1], mean = mean(run.final.x),
   sd = std(run.final.x))
}
print(out.count, out.stable, out.exponents[:, :, 0])
save("fields.npz", (count = out.count, q = out.q, share = out.share, error = out.error, stable = out.stable,
  first = out.first, exponents = out.exponents, dimension = out.dimension, at = out.at, low = out.low, mean = out.mean,
  sd = out.sd))
END_OF_MODEL

for jobs in 1 2 5; do
  ok "it runs with -j $jobs" ends 0 -q -j $jobs m.dyn -o run$jobs
  cp out text$jobs
  cp "$(find run$jobs -name fields.npz)" fields$jobs.npz
done
for jobs in 2 5; do
  ok "-j $jobs prints what -j 1 prints" quietly cmp text1 text$jobs
  ok "-j $jobs saves what -j 1 saves" quietly cmp fields1.npz fields$jobs.npz
done
counts jobs
