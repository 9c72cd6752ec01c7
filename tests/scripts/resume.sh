# resume.sh DYNRUN: runs that are killed at random moments and started again end with what one run
# gives; points that were finished are not computed again; several runs share their work. Ends with
# a line of counts for the test runner.
dynrun=$1
. tests/scripts/harness
DYN_CACHE=$work/cache
export DYN_CACHE

cat > s.dyn <<'END_OF_MODEL'
param last = 2
network net(g) {
  input u : [1]
  state x : [40] ~ normal(0, 1)
  weight J : [40, 40] ~ normal(0, g / sqrt(40))
  weight W : [1, 40] ~ normal(0, 0.1)
  dx/dt = -x + J @ tanh(x) + u[0]
  output y = W @ tanh(x)
}
task hold {
  input u : [1]
  target y : [1]
  draw a ~ uniform(-1, 1)
  phase stim(2) { u = [a] }
  phase wait(4) { y = [a] }
}
let fit = train(net(0.8), hold, steps = 300, batch = 8, dt = 0.1, checkpoint = 20)
let out = sweep g in linspace(0.5, last, 6), s < 4 {
  let run = simulate(net(g = g, seed = s), for = 2700, dt = 0.1, method = rk4, record = [])
  let size = mean(run.final.x^2)
  print("g is ", g)
  expect size < 1 "some of them fail"
  (size = size, name = "run", part = (x = run.final.x[0:3], list = [g, "a"]))
}
print(out.part.x, fit.loss[-1])
table(g = out.g, size = out.size[:, 0])
END_OF_MODEL
case $dynrun in *build-san*) sed -i 's/steps = 300/steps = 100/; s/for = 2700/for = 250/' s.dyn ;; esac

alike() { # FOLDER: what was said, and the results, are those of one.run
  sed "s/$1/one.run/g" out > a && cmp -s a one.out && sed "s/$1/one.run/g" err > b &&
    cmp -s b one.err &&
    { ! command -v h5diff > /dev/null || h5diff one.run/results.h5 "$1/results.h5" > /dev/null; }
}
DYN_CACHE=off "$dynrun" s.dyn -o one.run > one.out 2> one.err
ok "claims fail in a run that nothing disturbs" [ $? = 1 ]

# Ten times five moments, which the shell's clock has no say in; under the sanitizers, which are slow, two times.
rounds="0 1 2 3 4 5 6 7 8 9"
case $dynrun in *build-san*) rounds="0 1" ;; esac
moments=$(awk 'BEGIN { srand(7); for (i = 0; i < 50; i++) printf "%.3f ", 0.01 + 0.5 * rand() }')
set -- $moments
kills=0
for round in $rounds; do
  rm -rf cache two.run*
  for k in 0 1 2 3 4; do
    "$dynrun" s.dyn -j 2 -o two.run > /dev/null 2>&1 &
    sleep "$1"
    kill -9 $! 2> /dev/null && kills=$((kills + 1))
    wait $! 2> /dev/null
    shift
  done
  "$dynrun" s.dyn -j 2 -o two.run > out 2> err
  ok "round $round ends as the run that nothing disturbs" alike two.run
done 2> /dev/null
ok "processes were killed" [ $kills -ge 2 ]

# All is kept now: nothing is computed.
"$dynrun" s.dyn -j 1 -o two.run > out 2> err
ok "all points are kept" says two.run/run.json '"verb": "simulate", "calls": 24, "kept": 24'
ok "and give the same" alike two.run
sed 's/linspace(0.5, last, 6)/linspace(0.5, last, 6)[0:3]/' s.dyn > t.dyn
"$dynrun" t.dyn -o t.run > out 2> err
ok "points are kept for another grid" says t.run/run.json '"calls": 12, "kept": 12'
sed 's/dt = 0.1, method/dt = 0.05, method/' s.dyn > t.dyn
"$dynrun" t.dyn -o t.run > out 2> err
ok "another block computes its points" lacks t.run/run.json '"verb": "simulate", "calls"'

# A byte of the points is changed.
rm -rf cache
"$dynrun" s.dyn -o two.run > /dev/null 2>&1
for log in cache/*/*.log; do
  printf 'X' | dd of="$log" bs=1 seek=$(($(wc -c < "$log") / 2)) conv=notrunc 2> /dev/null
done
"$dynrun" s.dyn -o two.run > out 2> err
ok "damaged points are noticed" says err W0721
ok "and computed again" says out "Results are in two.run"
"$dynrun" s.dyn -o two.run > out 2> err
ok "and then they are sound" alike two.run

# Four runs at once from an empty cache.
rm -rf cache
for i in 1 2 3 4; do "$dynrun" s.dyn -j 1 -o many$i > many$i.out 2> many$i.err & done
wait
for i in 1 2 3 4; do
  cp many$i.out out && cp many$i.err err
  ok "run $i of four at once gives the same" alike many$i
done
counts resume
