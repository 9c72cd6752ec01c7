# order.sh DYNRUN: the points of a sweep that took longest start first when it runs again with another
# block, in processes and in ranks of MPI, and the results are what they are in any order. Ends with a
# line of counts for the test runner.
dynrun=$1
. tests/scripts/harness
DYN_CACHE=$work/cache
export DYN_CACHE

# Under the sanitizers, which are slow, less of it.
long=40
case $dynrun in *build-san*) long=8 ;; esac
model() { # STEP: each point takes three times as long as the one before
  cat << END_OF_MODEL
network net(g) { state x : [50] = 1; let J : [50, 50] ~ normal(0, 0.2); dx/dt = -g * x + J @ tanh(x) }
let out = sweep g in [1, 2], k < 4 {
  let run = simulate(net(g), for = $long * 3^k * g, dt = $1, method = rk4, record = [])
  print("k is", k)
  (x = mean(run.final.x))
}
print(out.x)
END_OF_MODEL
}
points() { # tags of points in a log, in the order in which they were finished
  grep -a -o '[0-9a-f]\{64\}' "$1" | cut -c 1-32
}
as_single() { head -n "$(wc -l < single)" out | cmp -s - single; }
new_log() { # the log of a sweep that is not in `known`
  for log in "$DYN_CACHE"/*/*.log; do grep -q "$log" known 2> /dev/null || echo "$log"; done
}

model 0.01 > m.dyn
ok "points in their order" ends 0 m.dyn -q -j 1
first=$(new_log)
echo "$first" > known
points "$first" > finished
ok "all are kept" lines finished 8
ok "and how long they took" [ "$("$dynrun" cache | grep -c times)" = 1 ]

# With two processes, when the shortest point starts, all but it and one other have been finished.
model 0.0125 > m.dyn
ok "another block, two processes" ends 0 m.dyn -q -j 2
cp out sorted
points "$(new_log)" > again
ok "all points are computed" lines again 8
ok "the shortest starts last" [ "$(head -6 again | grep -c "$(head -1 finished)")" = 0 ]
env DYN_CACHE=off "$dynrun" m.dyn -q -j 1 > single
ok "the results are those of any order" quietly cmp sorted single

for k in 1 2 3; do ok "part $k runs" ends 0 m.dyn -q --part $k/3; done
ok "parts are put together" ends 0 merge m.1of3.run m.2of3.run m.3of3.run -o merged.run
ok "which gives the same" as_single

case $(mpirun --version 2> /dev/null) in
*"Open MPI"*)
  [ -e "${dynrun%/*}/libdyn-mpi.so" ] || { counts order && exit; }
  export ASAN_OPTIONS=detect_leaks=0 # those of the MPI library
  for n in 2 3; do
    mpirun --allow-run-as-root --oversubscribe -n $n "$dynrun" m.dyn -q > ranks 2> err
    ok "$n ranks give the same" quietly cmp ranks single
  done
  mpirun --allow-run-as-root --oversubscribe -n 2 "$dynrun" m.dyn -q --part 1/3 -o ranks.run > out 2> err
  ok "a part in ranks is computed by the first" [ -e ranks.run/part ]
  "$dynrun" merge ranks.run m.2of3.run m.3of3.run -o merged.run > out 2> err
  ok "and is that part" as_single
  ;;
esac
counts order
