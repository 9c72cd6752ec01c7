# stream.sh DYNRUN: records that go to the results while they are made. The same numbers, in little
# memory; what a failure and an interruption leave; what is refused.
dynrun=$1
. tests/scripts/harness

cat > all.dyn <<'EOF'
network ou {
  noise xi : [50]
  state x : [50] = 0
  state y = 1 V
  dx/dt = -x + sqrt(2) * xi
  dy/dt = -y
  output m = mean(x)
}
network smooth {
  state x : [3] = [1, 2, 3]
  state v = 0
  dx/dt = -x
  dv/dt = x[0] - v
}
network spikes { state v : [2] = 0; dv/dt = [3, 5]; when fire: v > 1 { v = 0 } }
network count { state k : [7] = 0; next k = k + 1 }
let a = simulate(ou, for = 20, dt = 0.01, method = euler_maruyama)
let b = simulate(ou, for = 20, dt = 0.01, method = euler_maruyama, every = 0.03, trials = 3)
let c = simulate(smooth, for = 20, every = 0.01)
let d = simulate(smooth, for = 20, every = 0.01, trials = 2, init = (x = [[1, 2, 3], [3, 2, 1]]))
let e = simulate(count, for = 3001, every = 2)
let f = simulate(spikes, for = 30, dt = 0.01, method = rk4)
print(mean(a.x, axis = 0)[:3], std(a.x), max(b.x), a.x[100:103, 4], e.k[-1], sum(d.x[1] - c.x))
plot(a.m)
save("own", b.x[2])
EOF
ok "all in memory" ends 0 all.dyn -q -o memory
mv out expected
ok "all streamed" ends 0 all.dyn -q -o streamed --memory 10kB
ok "what is computed from it is the same" cmp out expected
ok "run.json says that it was streamed" says streamed/run.json 'euler_maruyama, 2000 steps of 0.01, streamed to results.h5'
ok "also of a map" says streamed/run.json '"3001 steps, streamed to results.h5'
ok "and of no other run" lacks memory/run.json streamed
ok "nothing is left beside" [ -z "$(ls -d *.part 2> /dev/null)" ]
cat > load.dyn <<'EOF'
let a = load("memory/results.h5"), b = load("streamed/results.h5")
expect a == b
expect shape(b.b.x) == [3, 667, 50]
expect b.own == a.b.x[2]
EOF
ok "dynrun reads the same from both" ends 0 load.dyn -q
cat > same.py <<'EOF'
import h5py, numpy
def same(f, g, path=""):
    assert set(f) == set(g) and dict(f.attrs) == dict(g.attrs), path
    for k in f:
        if isinstance(f[k], h5py.Group):
            same(f[k], g[k], path + "/" + k)
        else:
            x, y = f[k], g[k]
            assert x.dtype == y.dtype and x.shape == y.shape, path + "/" + k
            assert numpy.asarray(x[()]).tobytes() == numpy.asarray(y[()]).tobytes(), path + "/" + k
            assert dict(x.attrs) == dict(y.attrs), path + "/" + k
with h5py.File("memory/results.h5") as f, h5py.File("streamed/results.h5") as g:
    same(f, g)
EOF
for python in python3 /usr/bin/python3; do
  "$python" -c 'import h5py' 2> /dev/null || continue
  ok "h5py reads the same from both" quietly "$python" same.py
  break
done

# Memory. The records are 80 MB of 400,000 steps; var and norm are sums of squares.
cat > long.dyn <<'EOF'
network ou {
  noise xi : [25]
  state x : [25] = 0
  dx/dt = -x + sqrt(2) * xi
}
let run = simulate(ou, for = 4000, dt = 0.01, method = euler_maruyama)
expect abs(mean(run.x)) < 0.05
expect all(abs(var(run.x, axis = 0) - 1) < 0.2)
expect abs(norm(run.x) ^ 2 / 1e7 - 1) < 0.05
expect max(run.x) == max(run.x[argmax(max(run.x, axis = 1))])
expect abs(std(run.x) - norm(std(run.x, axis = 1) ^ 0) / sqrt(400001)) < 0.1
plot(run.x[:1000, 0])
EOF
head -n 6 long.dyn > only.dyn && echo 'plot(run.x[:1000, 0])' >> only.dyn
head -n 6 long.dyn > sums.dyn && cat >> sums.dyn <<'EOF'
let x = run.x
print(sum(x), mean(x), var(x), std(x, axis = 0), min(x), max(x), norm(x), prod(x))
print(argmax(x), argmin(x), any(x), all(x), all(x, axis = 0), mean(x[1000:]))
EOF
# The largest memory of a process's own, from /proc while it runs (kB): what it maps is not. The
# address sanitizer is told not to hold on to what was freed.
peak_of() { # FILE
  ASAN_OPTIONS=quarantine_size_mb=1 "$dynrun" "$1" -q --memory 1MB > out 2> err &
  pid=$!
  peak=0
  while kill -0 $pid 2> /dev/null; do
    now=$(awk '/^RssAnon/ {print $2}' /proc/$pid/status 2> /dev/null)
    [ "${now:-0}" -gt $peak ] && peak=$now
    sleep 0.02
  done
  wait $pid
}
peak_of only.dyn
ok "a record of 80 MB is streamed" [ $? = 0 ]
ok "in less than half of that" [ $peak -gt 0 -a $peak -lt 40000 ]
peak_of sums.dyn
ok "it is reduced" [ $? = 0 ]
ok "in less memory than it is" [ $peak -gt 0 -a $peak -lt 60000 ]
mv out reduced
ok "and in memory" ends 0 sums.dyn -q
ok "to the same numbers" cmp out reduced
# Large arrays are given back when they have been used: 40 of 8 MB are made here, and five have names.
cat > passing.dyn <<'END_OF_MODEL'
fn step(x) = {
  let y = (x * 2 - x) / 1 + 0 * x
  (y * 3 - 2 * y) + -(0 * y)
}
let a = arange(1e6)
let b = step(a), c = step(b), d = step(c), e = step(d)
expect e == a
expect sum(e * 2 - a) == sum(a)
END_OF_MODEL
peak_of passing.dyn
ok "arrays are made" [ $? = 0 ]
ok "and given back when they have been used" [ $peak -gt 0 -a $peak -lt 200000 ]
ok "its values are those of theory" ends 0 long.dyn -q --memory 1MB

# A run that fails keeps what it has.
cat > fail.dyn <<'EOF'
network grow { state x : [20] = 1; dx/dt = x^2 / 10 }
fn again(n) = simulate(n, for = 12, dt = 0.01, method = rk4)
let bad = simulate(grow, for = 12, dt = 0.01, method = rk4)
let twice = simulate(grow, for = 12, dt = 0.01, method = rk4, trials = 2)
let apart = simulate(grow, for = 12, every = 0.01, trials = 2, init = (x = stack([zeros(20), ones(20)])))
let p = again(grow)
let q = again(grow)
let good = simulate(grow, for = 5, dt = 0.01, method = rk4)
EOF
ok "failures end with 4" ends 4 fail.dyn --memory 10kB
cat > parts.dyn <<'EOF'
let f = load("fail.run/results.h5")
fn exact(t) = 1 / (1 - t / 10)
let t = f.bad.t[:950]
expect shape(f.bad.x) == [size(f.bad.t), 20] and size(f.bad.t) > 1000 and size(f.bad.t) < 1010
expect all(abs(f.bad.x[:950, 7] / exact(t) - 1) < 1e-4)
expect all(f.twice.x[:, :, 3] == stack([f.bad.x[:, 3], f.bad.x[:, 3]]))
expect shape(f.apart.x) == [2, 1201, 20]
expect all(f.apart.x[0] == 0) and all(abs(f.apart.x[1, :950, 7] / exact(t) - 1) < 1e-4)
expect f.again == f.bad and f.again_2 == f.bad
expect shape(f.good.x) == [501, 20]
EOF
ok "the rows so far are in the results" ends 0 parts.dyn
cat > slow.dyn <<'EOF'
network n { state x : [100] = 1; dx/dt = sin(t) - x }
let run = simulate(n, for = 1e5, method = rk4, dt = 1e-3, every = 0.1)
EOF
interrupt() { # once the run has streamed for a while
  "$dynrun" slow.dyn -q --memory 10kB > out 2> err &
  child=$!
  tries=0
  while [ $tries -lt 300 ]; do
    size=$(cat slow.run.*.part/results.h5 2> /dev/null | wc -c)
    [ "$size" -gt 300000 ] && break
    sleep 0.1
    tries=$((tries + 1))
  done
  kill -INT $child
  wait $child
  [ $? = 130 ]
}
mkdir slow.run && echo old > slow.run/run.json
ok "an interruption ends with 130" interrupt
ok "tells where the rows are" says err 'slow.run.interrupted.*W0711'
ok "and leaves what was there" is slow.run/run.json old
cat > rest.dyn <<'EOF'
let run = load("slow.run.interrupted/results.h5").run
expect size(run.t) > 100 and shape(run.x) == [size(run.t), 100]
expect all(abs(run.x[:, 3] - (sin(run.t) - cos(run.t)) / 2 - 1.5 * exp(-run.t)) < 1e-9)
EOF
ok "the rows so far can be read" ends 0 rest.dyn
ok "nothing is left beside it" [ -z "$(ls -d *.part 2> /dev/null)" ]

# What cannot be streamed is refused before the run.
# The table of a sweep: 80 MB of 200 points, of which one fails.
cat > table.dyn <<'EOF'
param n = 50000
let s = sweep k < 200 {
  (y = linspace(0, k, n), name = "point", part = (z = solve([[1, 1], [1, k]], [1, 2])[0]))
}
print(s.y[3, n - 1], s.failed[0:3], s.part.z[0:3], mean(s.y), max(s.y), s.name[199])
save("s", s)
EOF
peak_of table.dyn
ok "the table of a sweep is streamed" [ $? = 4 ]
ok "in less than half of what it is" [ $peak -gt 0 -a $peak -lt 40000 ]
for j in 1 2; do
  ok "a table in memory, -j $j" ends 4 table.dyn -q -p n=500 -o memory -j $j
  mv out expected
  ok "a table that is streamed, -j $j" ends 4 table.dyn -q -p n=500 -o streamed -j $j --memory 10kB
  ok "has the same in it" cmp out expected
  cat > load.dyn <<'EOF'
expect load("memory/results.h5").s.y == load("streamed/results.h5").s.y
EOF
  ok "and in the results" ends 0 load.dyn -q
done
cat > blocks.dyn <<'EOF'
network n { state x : [100] = 1; dx/dt = -x }
let s = sweep g in [1, 2] { let r = simulate(n, for = 10, dt = 0.01, method = rk4); (m = mean(r.x)) }
let q = [mean(simulate(n, for = 10, dt = 0.01, method = rk4).x) for k < 1000]
analysis f(n) { simulate(n, for = 10, dt = 0.01, method = rk4).x[-1] }
let z = f(n)
EOF
ok "a run in a block is refused" ends 3 blocks.dyn --memory "200 kB"
ok "with its size" says err "the record would take 800.8 kB: 1001 rows of 100 numbers"
ok "in all three blocks" [ "$(grep -c 'beyond 200 kB it is streamed to the results, but not' err)" = 3 ]
ok "runs that are compared are refused too" ends 3 check --converge slow.dyn --memory 10kB
ok "and say why" says err "would be streamed to the results, but there are none"
ok "a size must be one" ends 2 blocks.dyn --memory 3
ok "a size has a unit" ends 2 blocks.dyn --memory 3pounds
if [ "$(df -P . | awk 'NR == 2 {print $4}')" -gt 100000 ]; then
  ok "a disk that is full is told" quietly sh -c "ulimit -f 4000; '$dynrun' long.dyn -q --memory 1MB -o full; [ \$? = 5 ]"
  ok "by the record" says err "the record cannot be streamed"
  ok "and nothing is left" [ -z "$(ls -d full* 2> /dev/null)" ]
  ok "so it is of a table" quietly sh -c "ulimit -f 4000; '$dynrun' table.dyn -q --memory 1MB -o full; [ \$? = 5 ]"
  ok "which is named" says err "its records cannot be streamed to the results"
  ok "and leaves nothing" [ -z "$(ls -d full* 2> /dev/null)" ]
fi
counts stream
