# parts.sh DYNRUN: the parts of a run, put together, are that run: what it prints, its claims, its
# messages and its results; parts that do not belong together are refused. Ends with a line of counts
# for the test runner.
dynrun=$1
. tests/scripts/harness

cat > s.dyn <<'END_OF_MODEL'
import "lab.dyn"
param last = 2
network net(g) {
  state x : [30] ~ normal(0, 1)
  let J : [30, 30] ~ normal(0, g / sqrt(30))
  dx/dt = -x + J @ tanh(x)
}
let first = simulate(net(0.5), for = 10, dt = 0.1, method = rk4)
let out = sweep g in linspace(0.5, last, 7), s < 3 {
  let run = simulate(net(g = g, seed = s), for = 20, dt = 0.1, method = rk4, record = [])
  let size = lab.size(run.final.x)
  print("g is ", g)
  expect size < 1 "some of them fail"
  let b = solve([[1, 1], [1, if s == 2 and g > 1.5 then 1 else 2]], [1, size])
  (size = size, b = b, name = "run", part = (x = run.final.x[0:3], list = [g, "a"]))
}
let again = sweep k < 4 { (k2 = k^2 + mean(first.x[-1])) }
let after = sweep k < 3 { (m = k * mean(out.size[0])) }
print(out.part.x, again.k2, after.m)
table(g = out.g, size = out.size[:, 0])
expect max(again.k2) < 10
END_OF_MODEL
echo 'fn size(x) = mean(x^2)' > lab.dyn

alike() { # the run in all.run is that in one.run
  sed 's/all\.run/one.run/g' out > a && cmp -s a one.out && sed 's/all\.run/one.run/g' err > b &&
    cmp -s b one.err && [ "$status" = "$(cat one.status)" ] &&
    { ! command -v h5diff > /dev/null || h5diff one.run/results.h5 all.run/results.h5 > /dev/null; }
}
merge() { "$dynrun" merge "$@" -o all.run > out 2> err; status=$?; }
"$dynrun" s.dyn -o one.run > one.out 2> one.err
echo $? > one.status
ok "points and claims fail in the whole run" is one.status 4
for n in 1 2 16; do
  for k in $(seq $n); do "$dynrun" s.dyn --part $k/$n > out 2> err || echo "part $k of $n" >> failed; done
  ok "$n parts run" [ ! -e failed ]
  merge s.*of$n.run
  ok "$n parts are the whole run" alike
done
ok "a part holds no results" [ ! -e s.1of2.run/results.h5 ]

# A part that is killed goes on; a point is computed once.
rm -rf s.2of2.run
"$dynrun" s.dyn --part 2/2 > out 2> err & 
sleep 0.02
kill -9 $! 2> /dev/null
wait $! 2> /dev/null
ok "a part that was killed is run again" ends 0 s.dyn --part 2/2
ok "and says where it is" says out "Part 2 of 2 is in s.2of2.run"
merge s.1of2.run s.2of2.run
ok "it is as if nothing had happened" alike

refused() { # WHAT
  [ "$status" = 2 ] && says err E0820 && says err "$1" && [ ! -e none.run ]
}
merge_none() { "$dynrun" merge "$@" -o none.run > out 2> err; status=$?; }
merge_none s.1of16.run s.2of16.run
ok "missing parts are named" refused "missing: 3, 4, 5"
merge_none s.1of2.run s.1of2.run
ok "a part given twice is refused" refused "part 1 is given 2 times"
merge_none s.1of2.run s.2of16.run
ok "parts of other divisions are refused" refused "different runs: .parts 2. and .parts 16."
ok "a part with another seed runs" ends 0 s.dyn --part 2/2 --seed 5 -o seed.run
merge_none s.1of2.run seed.run
ok "parts with other seeds are refused" refused "different runs: .seed 0. and .seed 5."
sed 's/^/\n/' s.dyn > other.dyn
ok "a part of another model runs" ends 0 other.dyn --part 2/2 -o other.run
merge_none s.1of2.run other.run
ok "models of other names are named" refused "different runs: .s.dyn. and .other.dyn."
mkdir changed && cp other.dyn changed/s.dyn && for f in *.dyn; do [ -e "changed/$f" ] || cp "$f" changed; done
ok "so does one of a changed model" quietly sh -c "cd changed && '$dynrun' s.dyn --part 2/2 -o ../changed.run"
merge_none s.1of2.run changed.run
ok "which is named once" refused "different runs: the file .s.dyn. is not the same"
merge_none one.run
ok "a whole run is no part" refused "is no part"
sed 's/finished/unfinished/' s.2of2.run/part > part && cp -r s.2of2.run half.run && cp part half.run/part
merge_none s.1of2.run half.run
ok "an unfinished part is refused" refused "not finished"
ok "a folder of results is not overwritten by a part" ends 5 s.dyn --part 1/2 -o one.run
ok "which is told" says err "does not hold this part"
echo 'fn size(x) = mean(x^2) + 0' > lab.dyn
merge_none s.1of2.run s.2of2.run
ok "a file that has changed is noticed" refused "lab.dyn. is not there, or has changed"
ok "a part that there is not" ends 2 s.dyn --part 3/2
ok "what a part is" says err "takes K/N: compute part K of N"
counts parts
