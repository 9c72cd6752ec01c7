# cache.sh DYNRUN: results of verbs are kept from one run to the next, and are taken again exactly
# when nothing that they depend on has changed. Ends with a line of counts for the test runner.
dynrun=$1
. tests/scripts/harness
DYN_CACHE=$work/cache
export DYN_CACHE

cat > m.dyn <<'END_OF_MODEL'
dyn 1
param n = 64
let data = load("data.csv")
network rnn(g = 0.9) {
  input u : [1]
  state x : [n] = 0
  weight J : [n, n] ~ normal(0, g / sqrt(n))
  weight B : [n, 1] ~ normal(0, 1)
  weight W : [1, n] ~ normal(0, 0.1)
  let r = tanh(x)
  dx/dt = -x + J @ r + B @ u + scaled(data.a[0])
  output y = W @ r
}
fn scaled(a) = a / 10
task hold {
  input u : [1]
  target y : [1]
  draw a ~ uniform(-1, 1)
  phase stim(2) { u = [a] }
  phase wait(8) { y = [a] }
}
let fit = train(rnn(), hold, steps = 300, batch = 16, dt = 0.1, stop = fn(log) = log.step >= 250)
let run = simulate(fit.net, for = 5, dt = 0.1)
print(fit.loss[-1], mean(run.y^2))
expect fit.loss[-1] < 10
plot(fit.loss)
END_OF_MODEL
case $dynrun in *build-san*) sed -i 's/steps = 300/steps = 70/; s/>= 250/>= 50/' m.dyn ;; esac
printf 'a,b\n1,2\n3,4\n' > data.csv

alike() { # FOLDER: its results are those of the first run
  ! command -v h5diff > /dev/null || h5diff first/results.h5 "$1/results.h5" > /dev/null
}
run() { # FOLDER ARGUMENTS...
  folder=$1
  shift
  "$dynrun" m.dyn -o "$folder" "$@" > out 2> err
}
kept() { says "$1/run.json" from_cache; }
computed() { lacks "$1/run.json" from_cache; }
same_as_first() { # FOLDER
  sed "s/$1/first/g" out > a && cmp -s a first.out && cmp -s err first.err &&
    alike "$1"
}

ok "it runs" run first
cp out first.out && cp err first.err
ok "the first run computes" computed first
ok "it runs again" run second
ok "the second run takes what is kept" kept second
ok "it gives the same" same_as_first second
ok "the report says so" says second/report.html "from the cache"
ok "--fresh runs" run third --fresh
ok "--fresh computes" computed third
ok "--fresh gives the same" same_as_first third

cp m.dyn before.dyn
edit() { # SED-SCRIPT
  sed "$1" before.dyn > m.dyn
  ! cmp -s m.dyn before.dyn && run edited
}
ok "another plot" edit 's/plot(fit.loss)/plot(log10(fit.loss))/'
ok "does not train again" kept edited
ok "comments and layout" edit 's/^network/# a comment\n\nnetwork/; s/dx.dt = -x/dx\/dt =   -x/'
ok "do not train again" kept edited
ok "another simulation" edit 's/for = 5/for = 6/'
ok "does not train again, either" kept edited
ok "another distribution" edit 's/weight W : \[1, n\] ~ normal(0, 0.1)/weight W : [1, n] ~ normal(0, 0.2)/'
ok "trains again" computed edited
ok "another function" edit 's,a / 10,a / 11,'
ok "that the network uses trains again" computed edited
ok "another argument" edit 's/batch = 16/batch = 17/'
ok "trains again, too" computed edited
cp before.dyn m.dyn
ok "another seed" run edited --seed 1
ok "is another run" computed edited
ok "another parameter" run edited -p n=65
ok "is another run, too" computed edited
printf 'a,b\n2,2\n3,4\n' > data.csv
ok "other data" run edited
ok "train again" computed edited
printf 'a,b\n1,2\n3,4\n' > data.csv
ok "the old data" run edited
ok "are known" kept edited

ok "the entries are listed" ends 0 cache
ok "by verb and place" says out "train *m.dyn:22"
ok "why is answered" ends 0 cache why m.dyn
ok "for what is kept" says out "m.dyn:22: train: from the cache"
ok "and for what is not" says out "m.dyn:23: simulate: "
sed 's/normal(0, 0.1)/normal(0, 0.3)/' before.dyn > m.dyn
ok "why is answered again" ends 0 cache why m.dyn
ok "and names what differs" says out "train: computed: .*differ: the text of rnn"
ok "why writes no results" [ ! -e m.run ]
cp before.dyn m.dyn

# A byte in the middle of every entry is changed.
for entry in "$DYN_CACHE"/*/*; do
  size=$(wc -c < "$entry")
  printf 'X' | dd of="$entry" bs=1 seek=$((size - 100)) conv=notrunc 2> /dev/null
done
ok "a damaged cache" run damaged
ok "is noticed" says err W0721
ok "and computed anew" computed damaged
ok "with the same results" alike damaged
ok "after that" run repaired
ok "it is sound again" kept repaired

: > file
DYN_CACHE=$work/file/cache
ok "a cache that cannot be written" run unwritten
ok "is told of" says err W0720
ok "and costs nothing" alike unwritten
ok "DYN_CACHE=off" env DYN_CACHE=off "$dynrun" m.dyn -o off -q
ok "keeps nothing" computed off
ok "and takes nothing" alike off

# Several runs at once, from an empty cache.
DYN_CACHE=$work/shared
for i in 1 2 3 4; do "$dynrun" m.dyn -o many$i -q > many$i.out 2>&1 & done
wait
for i in 1 2 3 4; do
  ok "run $i of four at once gives the same" alike many$i
done
ok "then it is kept" run many5
ok "for all" kept many5
ok "prune removes" ends 0 cache prune
ok "all of it" ends 0 cache
ok "so that none is left" says out "^0 entries"
ok "a size that is none" ends 2 cache prune much
ok "is refused" says err "cannot stand here"
counts cache
