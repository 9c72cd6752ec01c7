# commands.sh DYNRUN: templates, examples, watching, completion. Ends with a line of counts for the
# test runner.
dynrun=$1
. tests/scripts/harness

# Templates: each runs, its claims hold, and it draws something.
ok "new lists templates" ends 0 new
ok "with a line about each" says out 'rate  *Rate units'
for template in $("$dynrun" new --list); do
  ok "new $template" ends 0 new "my_$template.dyn" --template "$template"
  ok "its title is the file's name" grep -q "^## my $template\. " "my_$template.dyn"
  ok "fmt $template" ends 0 fmt "my_$template.dyn"
  ok "changes nothing" cmp -s out "my_$template.dyn"
  ok "$template runs" ends 0 "my_$template.dyn"
  ok "$template has claims" says out 'claims hold'
  ok "$template says nothing else" [ ! -s err ]
  ok "$template has a figure" [ -n "$(ls "my_$template.run/figures" 2> /dev/null)" ]
done
echo mine > taken.dyn
ok "new leaves a file alone" ends 5 new taken.dyn
ok "and says so" says err 'taken.dyn. is there already'
ok "it is what it was" is taken.dyn mine
ok "new without the ending" ends 2 new ring
ok "offers it" says err 'dynrun new ring.dyn'
ok "an unknown template" ends 2 new ring.dyn --template nosuch
ok "new into a folder that is not there" ends 5 new nosuch/ring.dyn

# Examples.
ok "examples lists" ends 0 examples
ok "with titles" says out 'lorenz  *Lorenz'
ok "each example is listed" [ "$("$dynrun" examples --list | wc -l)" = "$(ls "$here"/examples/*.dyn | wc -l)" ]
for example in $("$dynrun" examples --list); do
  ok "examples $example" ends 0 examples "$example"
  ok "is the file" cmp -s out "$here/examples/$example.dyn"
done
ok "examples run" ends 0 examples run lorenz -q --seed 3
ok "leaves results here" says lorenz.run/run.json "\"seed\": 3"
ok "examples copy" ends 0 examples copy lorenz
ok "copies" cmp -s lorenz.dyn "$here/examples/lorenz.dyn"
ok "it leaves a file alone" ends 5 examples copy lorenz
mkdir models
ok "examples copy to a folder" ends 0 examples copy lorenz models
ok "puts it there" [ -s models/lorenz.dyn ]
ok "examples copy to no folder" ends 5 examples copy lorenz nosuch
ok "an unknown example" ends 2 examples nosuch
ok "examples run without a name" ends 2 examples run
ok "examples with too much" ends 2 examples lorenz models

# Options that belong to other commands.
ok "-w belongs to fmt" ends 2 check -w lorenz.dyn
ok "and the message names it" says err 'option of fmt'
ok "params --list" ends 0 params --list lorenz.dyn
ok "gives names alone" is out rho

# Help of commands.
for command in $("$dynrun" completion bash | sed -n 's/^ *"") words="\([^"]*\)".*/\1/p'); do
  ok "help $command" ends 0 help "$command"
  ok "shows its usage" says out "^dynrun $command"
done

# Colours: not in a file, on request also there, never with NO_COLOR.
printf 'expect 1 == 1\nexpect 1 == 2\n' > claims.dyn
escape=$(printf '\033')
ok "claims in a file are plain" ends 1 claims.dyn
ok "without escape sequences" lacks out "$escape"
ok "colours on request" ends 1 claims.dyn --color=always
ok "are in the summary" says out "$escape"

# Completion: scripts that the shells can read, and that offer what there is.
for shell in bash zsh fish; do
  ok "completion $shell" ends 0 completion $shell
  command -v $shell > /dev/null || continue
  ok "$shell reads it" $shell -n out
done
ok "completion of an unknown shell" ends 2 completion tcsh
offers() { # WORD LINE...: what bash offers after the words of LINE
  want=$1
  shift
  PATH=$(dirname "$dynrun"):$PATH bash -c '
    eval "$(dynrun completion bash)"
    compopt() { :; }
    COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
    _dynrun
    printf "%s\n" "${COMPREPLY[@]}"' bash "$@" > out 2> err
  grep -qx -- "$want" out
}
ok "commands are offered" offers watch dynrun wa
ok "models" offers lorenz.dyn dynrun check lor
ok "names for help" offers simulate dynrun help simu
ok "codes for explain" offers E0301 dynrun explain E030
ok "examples" offers lorenz dynrun examples run lor
ok "options" offers --seed dynrun lorenz.dyn --se
ok "values of options" offers always dynrun lorenz.dyn --color = al
ok "parameters of the model" offers rho= dynrun lorenz.dyn -p ""

# Watching.
watched() { # N: the watch has ended N runs; waits for it
  tries=0
  while [ "$(grep -c 'waiting for a save' watch.err)" -lt "$1" ]; do
    tries=$((tries + 1))
    [ $tries -gt 300 ] && return 1
    sleep 0.1
  done
}
printf 'let c = 1\n' > lib.dyn
printf 'from "lib.dyn" import c\nprint("c is", c)\n' > seen.dyn
: > watch.err # the shell in the background may be slower than this one
"$dynrun" watch seen.dyn > watch.out 2>> watch.err &
pid=$!
ok "watch runs at once" watched 1
printf 'let c = 2\n' > lib.dyn
ok "and when an import is saved" watched 2
ok "with what is in it" says watch.out 'c is 2'
printf 'let a = 1 mV + 2 ms\n' > seen.dyn
ok "an error does not end it" watched 3
ok "it is shown" says watch.err E0301
printf 'print("back again")\n' > new.dyn && mv new.dyn seen.dyn
ok "a file that is renamed into place counts" watched 4
ok "and runs" says watch.out 'back again'
printf 'network n { state x = 1; dx/dt = -x }\nlet r = simulate(n, for = 1e9, method = rk4, dt = 1e-3, every = 1e6)\n' > seen.dyn
sleep 1
printf 'print("the third")\n' > seen.dyn
ok "a save ends a long run" watched 5
ok "and the next one starts" says watch.out 'the third'
ok "each run has its line" says watch.err 'seen.dyn: all well'
kill -INT $pid
wait $pid
ok "Ctrl-C ends it with 0" [ $? = 0 ]
"$dynrun" watch nosuch/model.dyn > out 2> err
ok "a folder that is not there cannot be watched" [ $? = 5 ]

counts commands
