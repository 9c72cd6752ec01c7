# cli.sh DYNRUN: the command line, the exit statuses, and what happens to the folder of results when
# things go wrong. Ends with a line of counts for the test runner.
dynrun=$1
. tests/scripts/harness

cat > good.dyn <<'END'
## Gain of the loop.
param g = 2 in [0, 10]
## Time constant.
param tau = 10 ms
network n(g = g) {
  state x = 1
  tau * dx/dt = -g * x
}
let run = simulate(n, for = 50 ms, method = rk4, dt = 1 ms)
print("x ends at", run.x[-1] < 1)
expect run.x[0] == 1 "it starts at 1"
END
printf 'let a = 1\nexpect a == 2 "they differ"\nexpect a == 1\n' > claim.dyn
printf 'network n { state x = 1; dx/dt = -x }\nlet run = simulate(n, for = 0.1)\n' > decay.dyn
printf 'let a = 1 mV + 2 ms\n' > units.dyn
printf 'network n { state x = 1; dx/dt = x^2 }\nlet run = simulate(n, for = 5)\nlet b = 1\nexpect b == 1\n' > blowup.dyn
printf 'network n { state x = 1; dx/dt = sin(t) - x }\nlet run = simulate(n, for = 1e9, method = rk4, dt = 1e-3, every = 1e6)\n' > long.dyn

# Statuses.
ok "a good model ends with 0" ends 0 good.dyn
ok "results are announced" says out "good.run"
ok "claims are listed" says out "1 of 1 claims hold"
ok "results.h5 and run.json are there" [ -s good.run/results.h5 -a -s good.run/run.json ]
ok "run.json says how it was integrated" says good.run/run.json '"verb": "simulate", "solver": "rk4, 50 steps of 1 ms"'
ok "an adaptive run ends with 0" ends 0 decay.dyn
ok "run.json says what it cost" says decay.run/run.json ' steps, 14 evaluations, all of dopri5"'
ok "a failed claim ends with 1" ends 1 claim.dyn
ok "it is shown" says out "they differ"
ok "so is what was found" says out "claim.dyn:2: expected 2, found 1"
ok "run.json has it of claims that hold, too" says claim.run/run.json '"held": true.*"expected": "1", "found": "1"'
ok "a failed claim with -q ends with 1" ends 1 -q claim.dyn
ok "and is shown on standard error only" [ ! -s out -a -s err ]
ok "wrong units end with 3" ends 3 units.dyn
ok "nothing is written then" [ ! -e units.run ]
ok "a blow-up ends with 4" ends 4 blowup.dyn
ok "and what could be computed is written" [ -s blowup.run/run.json ]
ok "a missing model ends with 5" ends 5 nosuch.dyn
ok "its name is told" says err "nosuch.dyn"
ok "no operand ends with 2" ends 2
ok "an unknown option ends with 2" ends 2 good.dyn --sede 3
ok "the nearest one is offered" says err "did you mean .--seed"
ok "an unknown command is explained" ends 2 chekc
ok "the nearest command is offered" says err "did you mean .check"
ok "a bad value ends with 2" ends 2 good.dyn --seed x
ok "what is taken is said" says err "takes N: seed of all random draws"
ok "two operands end with 2" ends 2 good.dyn claim.dyn
head -c 17000000 /dev/zero | tr '\0' '#' > large.dyn
ok "a text beyond 16 MiB ends with 3" ends 3 large.dyn
ok "and says so" says err "16 MiB.*E0138"
rm large.dyn
ok "a missing value ends with 2" ends 2 good.dyn -p

# Parameters and options.
ok "-p sets" ends 0 good.dyn -q -p g=3 -p "tau=5 ms"
ok "in run.json" says good.run/run.json '"g": {"value": 3'
ok "options may come first" ends 0 -q -p g=4 --seed=7 -o other good.dyn
ok "-o names the folder" says other/run.json '"seed": 7'
ok "an unknown parameter ends with 2" ends 2 good.dyn -p h=3
ok "one out of range ends with 2" ends 2 good.dyn -p g=11
ok "one of another unit ends with 2" ends 2 good.dyn -p "tau=5 mV"
ok "one that is no expression ends with 2" ends 2 good.dyn -p "g=("
printf 'dyn 1\nparam name = "a"\nexpect name == "b c"\n' >text.dyn
ok "a string needs no quotes" ends 0 -q text.dyn -p "name=b c"
ok "and may have them" ends 0 -q text.dyn -p 'name="b c"'
ok "a model beside a seed of 20 digits" ends 0 -q good.dyn --seed 18446744073709551615
ok "a seed beyond 64 bits" ends 2 good.dyn --seed 18446744073709551616

# Subcommands.
ok "check" ends 0 check good.dyn
ok "check finds errors" ends 3 check units.dyn
cat > lorenz.dyn <<'END'
network lorenz { state x = 1, y = 1, z = 20
  dx/dt = 10 * (y - x); dy/dt = x * (28 - z) - y; dz/dt = x * y - 8 / 3 * z }
let long = simulate(lorenz, for = 60), short = simulate(lorenz, for = 1)
END
ok "check --converge of a chaotic network" ends 0 check --converge lorenz.dyn
ok "it says so of the long run" says out "^line 3: .lorenz. is chaotic"
ok "and of no other" [ "$(grep -c chaotic out)" = 1 ]
ok "nothing is written" [ ! -e lorenz.run ]
ok "--converge belongs to check" ends 2 --converge lorenz.dyn
ok "check as JSON" ends 3 check units.dyn --diagnostics=json
ok "one object a line" says err '^{"level":"error","code":"E0301"'
ok "colours on request" ends 3 check units.dyn --color=always
ok "escape sequences" says err "$(printf '\033\\[1;31m')"
ok "params" ends 0 params good.dyn
ok "with ranges" says out 'g = 2  in \[0, 10\]'
ok "with units" says out 'tau = 10 ms'
ok "with documentation" says out 'Time constant'
ok "graph" ends 0 graph good.dyn
ok "shows the network" says out 'network n'
ok "fmt" ends 0 fmt good.dyn
ok "fmt -w" ends 0 fmt -w good.dyn
ok "wrote what fmt shows" cmp -s out /dev/null
ok "explain" ends 0 explain E0301
ok "explain of an unknown code" ends 2 explain E9999
ok "help" ends 0 help simulate
ok "help lists" ends 0 help
ok "help of a word" ends 0 help network
ok "help of an unknown word" ends 2 help simulte
ok "offers the nearest" says err 'did you mean .simulate'
ok "--version" ends 0 --version
ok "--help" ends 0 --help

# Folders that cannot be written: one message, and an earlier result stays as it was.
exec 3< good.run/report.html
ok "a report that is open elsewhere is replaced" ends 0 -q good.dyn
ok "its reader keeps the old one whole" [ "$(tail -n 1 <&3)" = "$(tail -n 1 good.run/report.html)" ]
exec 3<&-
ok "a run to be kept" ends 0 -q good.dyn
cp good.run/run.json kept.json
touch file
ok "a folder below a file" ends 5 -q good.dyn -o file/x.run
ok "has one message" lines err 1
mkdir mine && touch mine/thesis.tex
ok "a folder with other content" ends 5 -q good.dyn -o mine
ok "is not touched" [ -e mine/thesis.tex ]
(
  ulimit -f 1
  "$dynrun" -q good.dyn > out2 2> err2
  echo $? > status
)
ok "a limit of the file system ends with 5" is status 5
ok "and says so in one line" lines err2 1
ok "about the folder that was asked for" says err2 "good.run/"
ok "the earlier run is whole" cmp -s kept.json good.run/run.json
ok "and nothing lies beside it" [ "$(ls -d good.run* | wc -l)" = 1 ]
if [ -w /dev/full ]; then
  "$dynrun" good.dyn > /dev/full 2> err
  ok "a full standard output ends with 5" [ $? = 5 ]
fi

# Ctrl-C: no folder, status 130.
"$dynrun" -q long.dyn > out 2> err &
pid=$!
sleep 1
kill -INT $pid
wait $pid
ok "an interrupted run ends with 130" [ $? = 130 ]
ok "and leaves nothing" [ "$(ls -d long.run* 2> /dev/null | wc -l)" = 0 ]

# Modules: what goes wrong inside is told with the place where the model calls.
printf 'fn inner(x) = x @ ones([2, 2])\nfn outer_of(x) = inner(x)\n' > module.dyn
printf 'from "module.dyn" import outer_of\nfn own(x) = outer_of(x)\nlet a = own([1, 2, 3])\n' > calls.dyn
ok "an error in a module" ends 3 calls.dyn
ok "stands there" says err '^module.dyn:1:15: error: .*E0401'
ok "and says who called, in the model itself" says err '^calls.dyn:2:13: note: `outer_of` is called here'
ok "once" [ "$(grep -c 'called here' err)" = 1 ]

counts cli
