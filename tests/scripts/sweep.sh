# sweep.sh DYNRUN: a sweep over several processes gives what one process gives: results, claims,
# messages, and what is printed, in the same order; a process that is killed costs nothing. Ends
# with a line of counts for the test runner.
dynrun=$1
. tests/scripts/harness

# The sanitizers are slow: the same with them, of less.
steps=4000 more=12000 points=100000
case $dynrun in *build-san*) steps=500 more=2000 points=5000 ;; esac

cat > s.dyn <<'END'
param steps = 4000
network net(g) {
  state x : [30] ~ normal(0, 1)
  let J : [30, 30] ~ normal(0, g / sqrt(30))
  dx/dt = -x + J @ tanh(x)
}
let out = sweep g in linspace(0.5, 2, 12), s < 4 {
  let run = simulate(net(g = g, seed = s), for = 0.1 * steps, dt = 0.1, method = rk4, record = [])
  let size = mean(run.final.x^2)
  print("g is ", g)
  expect size < 1 "some of them fail"
  (size = size, name = "run", part = (x = run.final.x[0:3], list = [g, "a"]))
}
print(out.part.x)
table(g = out.g, size = out.size[:, 0])
END

one() { "$dynrun" s.dyn -j 1 -p steps=$steps -o one.run > one.out 2> one.err; echo $? > one.status; }
many() { "$dynrun" s.dyn -j "$1" -p steps=$steps -o many.run > many.out 2> many.err; echo $? > many.status; }
alike() {
  sed 's/many\.run/one.run/g' many.out > a && cmp -s a one.out &&
    sed 's/many\.run/one.run/g' many.err > b && cmp -s b one.err && cmp -s many.status one.status
}
one
ok "claims fail in one process" is one.status 1
for j in 2 3 7; do
  many $j
  ok "-j $j prints, claims and ends alike" alike
  if command -v h5diff > /dev/null; then
    ok "-j $j has the same results" h5diff one.run/results.h5 many.run/results.h5
  fi
done

# The children of a run, by /proc: those whose parent it is.
children() { cat /proc/"$1"/task/*/children 2> /dev/null; }
killing() { # HOW MANY TIMES
  "$dynrun" s.dyn -j 2 -p steps=$more -o many.run > many.out 2> many.err &
  pid=$! times=0 tries=0
  while [ $times -lt "$1" ] && [ $tries -lt 500 ]; do
    for child in $(children $pid); do
      kill -9 "$child" 2> /dev/null && times=$((times + 1))
      break
    done
    tries=$((tries + 1))
    sleep 0.02
  done
  wait $pid
  echo $? > many.status
}
"$dynrun" s.dyn -j 1 -p steps=$more -o one.run > one.out 2> one.err
echo $? > one.status
killing 1
ok "a process was killed" [ "$times" -ge 1 ]
ok "a killed process costs nothing" alike

# The other processes end with the one that is killed, though they are amid a point.
"$dynrun" s.dyn -j 3 -p steps=3000000 -o many.run > many.out 2> many.err &
pid=$! tries=0
while [ -z "$(children $pid)" ] && [ $tries -lt 500 ]; do
  tries=$((tries + 1))
  sleep 0.02
done
orphans=$(children $pid)
kill -9 $pid
wait $pid 2> /dev/null
ok "there were other processes" [ -n "$orphans" ]
for tries in 1 2 3 4 5 6 7 8 9 10; do
  left=
  for child in $orphans; do
    grep -qs '^State:.[^ZX]' /proc/"$child"/status && left="$left $child"
  done
  [ -z "$left" ] || sleep 0.1
done
ok "and none of them is left" [ -z "$left" ]

# While the first point is computed, another process begins with those after it: with two points there
# would be none else. Points of sweeps in it are for one process then, as those that -j allows are
# at work.
cat > net.dyn <<'END'
network net(g) {
  state x : [60] ~ normal(0, 1)
  let J : [60, 60] ~ normal(0, g / sqrt(60))
  dx/dt = -x + J @ tanh(x)
}
END
cat > few.dyn <<'END'
from "net.dyn" import net
param steps = 4000
param inner = 1
fn settled(g, s) = {
  let run = simulate(net(g = g, seed = s), for = 0.1 * steps, dt = 0.1, method = rk4, record = [])
  (size = mean(run.final.x^2), x = run.final.x)
}
let out = sweep g in [1.5, 2] {
  print("g is ", g)
  let all = sweep s < inner { settled(g, s) }
  let last = settled(g, 0)
  expect all.size > g "it depends"
  print(all.size)
  (last = last, all = all.size, x = all.x)
}
print(out.all)
END
few() { # INNER: in one process, then in two; how many children are there at a time?
  "$dynrun" few.dyn -j 1 -p steps=$((10 * steps)) -p inner="$1" -o one.run > one.out 2> one.err
  echo $? > one.status
  "$dynrun" few.dyn -j 2 -p steps=$((10 * steps)) -p inner="$1" -o many.run > many.out 2> many.err &
  pid=$! most=0
  while kill -0 $pid 2> /dev/null; do
    now=$(children $pid | wc -w)
    [ "$now" -le $most ] || most=$now
    sleep 0.01
  done
  wait $pid
  echo $? > many.status
  [ $most = 1 ]
}
for inner in 1 3; do
  ok "another process begins during the first of two points" few $inner
  ok "which changes nothing" alike
  if command -v h5diff > /dev/null; then
    ok "nor the results" h5diff one.run/results.h5 many.run/results.h5
  fi
done

# It begins where the first point is, deep in a recursion here, and has as much room for its own.
cat > deep.dyn <<'END'
from "net.dyn" import net
param steps = 4000
fn settled(g) = mean(simulate(net(g), for = steps, dt = 0.1, method = rk4, record = []).final.x^2)
fn deep(k, g) = if k == 0 then settled(g) else 0 + deep(k - 1, g)
let out = sweep g in [1.5, 2] { (a = deep(DEPTH, g), b = deep(10, g)) }
print(out.a, out.b)
END
for depth in 500 4900; do
  sed "s/DEPTH/$depth/" deep.dyn > d.dyn
  "$dynrun" d.dyn -j 1 -p steps=$steps -o one.run > one.out 2> one.err
  echo $? > one.status
  "$dynrun" d.dyn -j 2 -p steps=$steps -o many.run > many.out 2> many.err
  echo $? > many.status
  ok "calls nested $depth deep, in another process" alike
done

# Messages come in the order of the points, whenever they are shown, and say where a module was called.
cat > lab.dyn <<'END'
network net(g) { state x : [20] ~ normal(0, 1); 0.1 * dx/dt = -x + g * tanh(x) }
fn late(g, n) = simulate(net(g), for = n, dt = 0.05, method = rk4, record = []).final.x[0]
END
cat > said.dyn <<'END'
import "lab.dyn" as lab
param n = 3000
network net(g) { state x : [20] ~ normal(0, 1); 0.1 * dx/dt = -x + g * tanh(x) }
fn third(g, n) = simulate(net(g), for = n, dt = 0.05, method = rk4, record = []).final.x[0]
fn second(g, n) = simulate(net(g), for = n, dt = 0.05, method = rk4, record = []).final.x[0]
let out = sweep k < 24 {
  let m = if k == 0 then n else 10
  (x = if k < 4 then lab.late(0.5, m) else if k < 9 then second(0.5, m) else third(0.5, m))
}
END
"$dynrun" said.dyn -j 1 -p n=10 -o one.run > one.out 2> one.err
echo $? > one.status
for n in 10 $((2 * steps)); do
  for j in 1 2 3; do
    "$dynrun" said.dyn -j $j -p n=$n -o many.run > many.out 2> many.err
    echo $? > many.status
    ok "-j $j says the same in the same order, in $n" alike
  done
done
ok "three warnings" [ "$(grep -c W0618 one.err)" = 3 ]
ok "and where the module was called" says one.err "late. is called here"

cat > bad.dyn <<'END'
let out = sweep k < 60 {
  let a = mean(eig([cos(i * j + k) for i < 60, j < 60]).re)
  let b = solve([[1, 1], [1, if k == 41 then 1 else 2]], [1, a])
  (b = b)
}
END
"$dynrun" bad.dyn -j 1 -o one.run > one.out 2> one.err
echo $? > one.status
"$dynrun" bad.dyn -j 3 -o many.run > many.out 2> many.err
echo $? > many.status
ok "a point that fails, fails the same" alike
ok "it says where" says many.err "bad.dyn:3.*at k = 41.*E0226"
ok "and ends with 4" is many.status 4

"$dynrun" bad.dyn --fail-fast -j 1 -o one.run > one.out 2> one.err
echo $? > one.status
"$dynrun" bad.dyn --fail-fast -j 3 -o many.run > many.out 2> many.err
echo $? > many.status
ok "--fail-fast ends at the same point" alike
ok "and says so" says many.err "it stopped there"

cat > nets.dyn <<'END'
network net(g) { state x : [40] = 1; weight W : [40, 40] ~ normal(0, g); dx/dt = -x + W @ tanh(x) }
let out = sweep g in linspace(0.1, 1, 40) {
  let e = mean(eig([sin(i * j * g) for i < 50, j < 50]).re)
  (net = net(g), e = e)
}
print([n.W[0, 0] for n in out.net][:4])
END
"$dynrun" nets.dyn -q -j 1 -o one.run > one.out 2> one.err
echo $? > one.status
"$dynrun" nets.dyn -q -j 2 -o many.run > many.out 2> many.err
echo $? > many.status
ok "points that hold networks are computed here" alike
ok "and hold" is one.status 0

cat > large.dyn <<'END'
param n = 1
let s = sweep k < n { (y = 2 * k) }
expect sum(s.y) == n * (n - 1)
expect not any(s.failed)
END
ok "$points points" ends 0 large.dyn -q -j 2 -p n=$points

counts sweep
