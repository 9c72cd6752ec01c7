# mpi.sh DYNRUN: sweeps over the ranks of mpirun give what one process gives, and show it once. Open
# MPI's mpirun and the module beside dynrun are needed; without them nothing is tested. Ends with a
# line of counts for the test runner.
dynrun=$1
. tests/scripts/harness

case $(mpirun --version 2> /dev/null) in
*"Open MPI"*) ;;
*) counts mpi && exit ;;
esac
[ -e "${dynrun%/*}/libdyn-mpi.so" ] || { counts mpi && exit; }
export ASAN_OPTIONS=detect_leaks=0 # those of the MPI library

ranks() { # N ARGUMENTS: what mpirun itself adds when a claim or a statement fails is left out
  n=$1
  shift
  timeout 120 mpirun --allow-run-as-root --oversubscribe -n "$n" "$@" > many.out 2> many.full
  echo $? > many.status
  sed '/^------/,/^------/d' many.full > many.err
}
one() { # MODEL OPTIONS
  "$dynrun" "$@" -j 1 -o one.run > one.out 2> one.err
  echo $? > one.status
}
alike() {
  sed 's/many\.run/one.run/g' many.out > a && cmp -s a one.out &&
    sed 's/many\.run/one.run/g' many.err > b && cmp -s b one.err && cmp -s many.status one.status
}
same_results() {
  if command -v h5diff > /dev/null; then h5diff one.run/results.h5 many.run/results.h5; fi
}

cat > lab.dyn <<'END'
fn checked(x) = { let y = solve([[1, 1], [1, 1 + x]], [1, 2]); y[0] }
END
cat > s.dyn <<'END'
import "lab.dyn"
network net(g) {
  state x : [20] ~ normal(0, 1)
  let J : [20, 20] ~ normal(0, g / sqrt(20))
  dx/dt = -x + J @ tanh(x)
}
let before = simulate(net(g = 1.5), for = 5, dt = 0.05, method = rk4)
let out = sweep g in linspace(0.5, 2, 9), s < 4 {
  let run = simulate(net(g = g, seed = s), for = 50, dt = 0.05, method = rk4, record = [])
  let size = mean(run.final.x^2) + before.x[-1, 0]
  print("g is ", g)
  expect size < 1 "some of them fail"
  (size = size, name = "run", part = (x = run.final.x[0:3], list = [g, "a"]))
}
print(out.part.x)
let again = sweep k < 5 {
  let inner = sweep j < 2 { (z = j * k) }
  (y = k * mean(out.size), z = inner.z, bad = lab.checked(k))
}
let p = sweep p in latin(7, a = [0, 1]) { (a = p.a, f = plot([p.a, 1], [0, 1])) }
table(g = out.g, size = out.size[:, 0])
print(again.y, again.z, again.bad, again.message, p.a)
END
one s.dyn
ok "one process" is one.status 4
for n in 2 4; do
  ranks $n "$dynrun" s.dyn -o many.run
  ok "$n ranks print, claim and fail alike" alike
  ok "$n ranks have the same results" same_results
  ok "$n ranks draw the same figures" [ "$(ls one.run/figures)" = "$(ls many.run/figures)" ]
  ok "$n ranks leave nothing else" [ ! -e many.run.rank-1 ]
done

cat > bad.dyn <<'END'
let out = sweep k < 40 { (b = solve([[1, 1], [1, if k % 10 == 7 then 1 else 2]], [1, k])) }
END
one bad.dyn --fail-fast
ranks 3 "$dynrun" bad.dyn --fail-fast -o many.run
ok "--fail-fast ends at the same point" alike

echo 'let a = b' > wrong.dyn
ranks 2 "$dynrun" wrong.dyn
ok "an error in the text is told once" [ "$(grep -c E0201 many.err)" = 1 ]
ok "and is the status" is many.status 3
ranks 2 "$dynrun" --nonsense
ok "so is one of the command line" [ "$(grep -c nonsense many.err)" = 1 ]
ranks 2 "$dynrun" check s.dyn
ok "other commands run once" lines many.out 1

cp "$dynrun" lonely
ranks 2 ./lonely bad.dyn
ok "without its module it does not run" is many.status 5
ok "and says so" says many.err "libdyn-mpi.so is not beside dynrun"

# A rank that dies ends them all. The ranks are the children of mpirun, which is a child of timeout.
children() { cat /proc/"$1"/task/*/children 2> /dev/null; }
cat > long.dyn <<'END'
network net { state x : [50] = 1; let J : [50, 50] ~ normal(0, 0.2); dx/dt = -x + J @ tanh(x) }
let out = sweep k < 4 {
  let run = simulate(net, for = 20000, dt = 0.01, method = rk4, record = [])
  (x = run.final.x)
}
END
timeout 120 mpirun --allow-run-as-root --oversubscribe -n 2 "$dynrun" long.dyn -o long.run > many.out 2>&1 &
pid=$! tries=0 victim=
while [ -z "$victim" ] && [ $tries -lt 200 ]; do
  for launcher in $(children $pid); do victim=$(children "$launcher" | tr ' ' '\n' | sed -n 2p); done
  tries=$((tries + 1))
  sleep 0.05
done
sleep 0.3
[ -n "$victim" ] && kill -9 "$victim"
wait $pid
ok "a rank that dies ends them all" [ $? -ne 0 ]
ok "and leaves no results" [ ! -e long.run ]

counts mpi
