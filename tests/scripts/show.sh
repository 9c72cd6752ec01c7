# show.sh DYNRUN: `show` of parts of a model and of large ones, `doc` of modules, and their exit
# statuses. Ends with a line of counts for the test runner.
dynrun=$1
. tests/scripts/harness

cat > two.dyn <<'END'
param g = 2 in [0, 10]
neuron unit(tau = 10 ms) { input I; state x = 0; output x; tau * dx/dt = -x + I }
network small(n = 5) { population E = unit[n]; connect E -> E ~ normal(1, 0); E.I += g }
network large(n = 5000) {
  state x : [n] ~ normal(0, 1)
  weight J : [n, n] ~ normal(0, g / sqrt(n))
  10 ms * dx/dt = -x + J @ tanh(x)
}
let twice = small(n = 10)
END
printf 'let a = 1 mV + 2 ms\n' > units.dyn

ok "one network" ends 0 show two.dyn small
ok "its equations" says out 'E.I += g'
ok "its neuron" says out 'τ·dx/dt = −x + I'
ok "not the other network" lacks out 'large'
ok "all of its instances" says out 'twice: n = 10'
ok "numbers of the weights" says out 'E_E  *connection  *\[10, 10\]  *1/s\|E_E  *connection  *\[10, 10\]  *plain  *1$'
ok "one instance" ends 0 show two.dyn twice
ok "alone" lacks out 'small: n = 5'
ok "a neuron" ends 0 show two.dyn unit
ok "alone, too" lacks out 'Network'
ok "parameters set from outside" ends 0 show two.dyn -p g=3
ok "with their defaults" says out 'g  = 3 (default 2)  in \[0, 10\]'
ok "five thousand units" ends 0 show two.dyn large
ok "with the shape of weights that are too many to draw" says out 'J  trainable  \[5000, 5000\]  plain$'
ok "LaTeX" ends 0 show two.dyn --format=latex
ok "begins with a section" says out '^.section{two}'
# A row of an alignment has one column mark, and two more before a remark: those of cases apart.
aligned() {
  sed 's/\\begin{cases}.*\\end{cases}//' out | awk '
    /^\\end{align}/ { inside = 0 }
    inside && gsub(/&/, "&") != 1 && gsub(/&/, "&") != 3 { print; bad = 1 }
    /^\\begin{align}/ { inside = 1 }
    END { exit bad }' > rows
}
typeset() { # by LaTeX, where it is
  {
    printf '%s\n' '\documentclass{article}' '\usepackage{amsmath,amssymb}' '\begin{document}'
    cat out
    printf '%s\n' '\end{document}'
  } > page.tex
  pdflatex -interaction=nonstopmode -halt-on-error page.tex > rows 2>&1
}
for model in "$here"/examples/*.dyn; do
  ok "$(basename "$model") in LaTeX" ends 0 show "$model" --format=latex
  ok "is aligned" aligned
  if command -v pdflatex > /dev/null; then
    ok "and LaTeX takes it" typeset
  fi
done

# A trial of each task: in words, and as a picture.
cat > match.dyn <<'END'
task match(sigma = 0.1) {
  input u : [2]
  target z
  draw a ~ choice([-1, 1])
  phase cue (4) { u = [a, sigma] }
  phase answer (3) { z = a }
}
network adder { input u : [2] = 0; state x = 0; weight w : [2] = 1; next x = x + w @ u; output z = x }
let fit = train(adder, match, steps = 2, batch = 2)
task plain { input u : [2]; target z; length = 4; z = 1 }
let more = evaluate(adder, match(sigma = fit.loss[1]))
let other = evaluate(adder, plain)
END
ok "a task" ends 0 show match.dyn
ok "a phase in steps" says out 'answer *3 steps *4 to 7 *z counts'
ok "drawn into a folder" ends 0 show match.dyn -o drawn
ok "with its phase" says drawn/task-match.svg 'answer'
ok "which is shaded" says drawn/task-match.svg 'fill-opacity'
ok "its mask" says drawn/task-match.svg 'mask of z'
ok "another task" says drawn/task-plain.svg 'mask of z'
ok "has no phases to be shaded" lacks drawn/task-plain.svg 'fill-opacity'
ok "a run" ends 0 match.dyn -o match.run
ok "has it in its report" says match.run/report.html 'one trial of the task match'
ok "and its picture" says match.run/figures/task-match.svg 'mask of z'

# A first trial that has nothing, or whose target counts nowhere.
cat > maybe.dyn <<'END'
task maybe { input u; target z; draw n ~ choice([0, 3]); phase a (n) { u = 1; z = 1 } }
task silent { input u; target z; length = 3; u = 1; z = 1; mask z = 0 }
network leak { input u = 0; state x = 0; next x = 0.5 * x + u; output z = x }
let e = evaluate(leak, maybe, trials = 8)
let s = evaluate(leak, silent, trials = 8)
END
ok "a trial with steps" ends 0 -q maybe.dyn --seed 0
ok "is drawn" [ -e maybe.run/figures/task-maybe.svg ]
ok "one without" ends 0 -q maybe.dyn --seed 2
ok "is not" [ ! -e maybe.run/figures/task-maybe.svg ]
ok "one without targets is" [ -e maybe.run/figures/task-silent.svg ]
ok "without a word" [ ! -s err ]
: > full
ok "a folder that cannot be made ends with 5" ends 5 show match.dyn -o full
ok "and is named" says err 'full'
ok "a name that is not there ends with 2" ends 2 show two.dyn smal
ok "the nearest is offered" says err 'did you mean .small'
ok "an error in the model ends with 3" ends 3 show units.dyn
ok "a bad format ends with 2" ends 2 show two.dyn --format=html
ok "help tells about it" ends 0 help show
ok "its formats" says out 'format=latex'

# Documentation.
ok "a module of the standard library" ends 0 doc std.neurons
ok "with defaults in their units" says out 'neuron rate_tanh(tau = 10 ms)'
ok "a model" ends 0 doc two.dyn --format=markdown
ok "where its parameter is used" says out 'Used in lines 3, 6'
ok "a module that is not there ends with 2" ends 2 doc std.neuron
ok "those that are there are named" says err 'std.neurons'
ok "a file that is not there ends with 5" ends 5 doc nosuch.dyn

counts show
