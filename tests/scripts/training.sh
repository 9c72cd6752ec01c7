# training.sh DYNRUN: training that is interrupted goes on from its checkpoint and ends with the same
# result to the last bit. Ends with a line of counts for the test runner.
dynrun=$1
. tests/scripts/harness

# Every checkpoint is written at once, so that there is one soon; then the process gets the signal.
interrupted() { # SIGNAL SECONDS ARGUMENTS...
  signal=$1 seconds=$2
  shift 2
  "$dynrun" "$@" > out 2> err &
  pid=$!
  tries=0
  while [ -z "$(ls m.run.checkpoints 2> /dev/null)" ] && [ $tries -lt 100 ]; do
    sleep 0.02
    tries=$((tries + 1))
  done
  sleep "$seconds"
  kill -"$signal" $pid 2> /dev/null
  wait $pid
  status=$?
}

cat > m.dyn <<'END'
param rate = 0.003
param pause = 4
task match(pause) {
  input u : [2]
  target z
  draw a ~ choice([-1, 1]);  draw b ~ choice([-1, 1])
  draw eta : [2] ~ normal(0, 0.05) every step
  phase sample (2)   { u = [a, 0] + eta }
  phase hold (pause) { u = eta }
  phase test (2)     { u = [0, b] + eta }
  phase answer (2)   { u = eta; z = if a == b then 1 else -1 }
  score accuracy = mean(sign(out.z) == sign(z)) during answer
}
network rnn(N = 48) {
  input u : [2] = 0
  weight W : [N, N] ~ normal(0, 1 / sqrt(N))
  weight U : [N, 2] ~ normal(0, 1)
  weight V : [N] ~ normal(0, 1 / sqrt(N))
  weight h0 : [N] = 0
  state h : [N] = h0
  next h = tanh(W @ h + U @ u)
  output z = V @ h
}
let fit = train(rnn, match(pause), steps = 600, batch = 64, optimizer = adam(lr = rate), clip = 1,
  schedule = fn(k) = 1 / (1 + k / 300), carry = true, checkpoint = 3)
save("weights.npz", fit.net)
save("course.npz", (loss = fit.loss, accuracy = fit.accuracy))
END
# Under the sanitizers, which are slow, less of it.
case $dynrun in *build-san*) sed -i 's/N = 48/N = 20/; s/batch = 64/batch = 16/' m.dyn ;; esac
sed 's/carry = true, checkpoint = 3/precision = single, checkpoint = 3/' m.dyn > single.dyn
sed 's/steps = 600.*/method = force(alpha = 1, every = 2), steps = 900, carry = true, checkpoint = 3)/; /^  schedule/d' \
  m.dyn > force.dyn
sed 's/checkpoint = 3/stop = fn(log) = log.step >= 500, checkpoint = 3/' m.dyn > stop.dyn

sed 's/checkpoint = 3/validate = match(6), every = 50, checkpoint = 3/; s/(loss = fit.loss/(v = fit.validation, loss = fit.loss/' \
  m.dyn > tried.dyn
sed 's/match(pause), steps/fn(step) = match(2 + floor(step \/ 150)), steps/' m.dyn > grows.dyn

same() { # MODEL: killed at several moments, it ends as if it had not been
  ok "$1: training without interruption" ends 0 -q "$1.dyn" -o whole.run
  for pause in 0 0.05 0.11 0.02; do interrupted KILL $pause -q "$1.dyn" -o m.run; done
  ok "$1: a kill leaves a checkpoint" [ -n "$(ls m.run.checkpoints 2> /dev/null)" ]
  ok "$1: it goes on" ends 0 -q "$1.dyn" -o m.run
  ok "$1: without a word" [ ! -s err ]
  ok "$1: the weights are the same to the last bit" cmp whole.run/weights.npz m.run/weights.npz
  ok "$1: so is the course of loss and score" cmp whole.run/course.npz m.run/course.npz
  ok "$1: nothing is left" [ ! -e m.run.checkpoints ]
  rm -rf whole.run m.run
}
same m
same single
same stop
same tried
same grows
same force

# Ctrl-C writes a checkpoint and says so.
interrupted INT 0.05 -q m.dyn
ok "Ctrl-C ends with 130" [ $status = 130 ]
ok "and says how to go on" says err "the same command goes on from there"
file=$(echo m.run.checkpoints/train-*.npz)
cp "$file" kept.npz

# A checkpoint of another training is named, not used, and not lost.
ok "another rate and another seed" ends 0 -q m.dyn -p rate=0.002 --seed 5
ok "the difference is told" says err "it differs in the seed, the options, its weights at the start"
ok "the other checkpoint stays" cmp "$file" kept.npz
ok "another task" ends 0 -q m.dyn -p pause=5
ok "is told as such" says err "it differs in the task, the loss; it stays"
sed 's/^let fit/# What does not matter to the training may change.\nlet fit/; s/steps = 600/steps = 620/' \
  m.dyn > n.dyn
ok "other texts and more steps" ends 0 -q n.dyn -o m.run

# A damaged one is noticed.
mkdir -p m.run.checkpoints
size=$(wc -c < kept.npz)
{ head -c $((size / 2)) kept.npz; printf 'x'; tail -c +$((size / 2 + 2)) kept.npz; } > "$file"
ok "training starts anew" ends 0 -q m.dyn
ok "and says why" says err "is not used: it is damaged"
mkdir -p m.run.checkpoints
head -c $((size / 2)) kept.npz > "$file"
ok "so with one that is cut off" ends 0 -q m.dyn
ok "which is damaged too" says err "is not used: it is damaged"

# NaN: the step, the quantity and the last good weights.
sed 's/next h = .*/next h = W @ h + U @ u/; s/carry = true, //; s/clip = 1,//; s/adam(lr = rate)/sgd(lr = 9)/' \
  m.dyn > nan.dyn
ok "a loss that is not finite ends with 4" ends 4 -q nan.dyn -o m.run
ok "at which update" says err "at update [0-9]*"
ok "of which state" says err "was not finite after step"
ok "the last good weights are kept" says err 'last good weights are in `m.run.checkpoints/train-'
cat > look.dyn <<END
let w = load("$(ls m.run.checkpoints/train-*.npz | head -n 1)")
expect all(is_finite(w.W))
END
ok "and can be loaded" ends 0 -q look.dyn

# A trial as a figure: what goes in, what comes out, and where the target counts.
{ sed '/^let fit/,$d' m.dyn; echo 'plot(evaluate(rnn, match(pause), trials = 3))'; } > trial.dyn
ok "an evaluation is plotted" ends 0 -q trial.dyn
for label in 'u\[1\]' z target 'trial 0'; do
  ok "with $label" grep -q ">$label<" trial.run/figures/figure-1.svg
done

counts training
