# broken.sh DYNRUN: no model with a mistake ends well. Each of tests/broken ends with a status of
# its own kind and says why, and the common slips take at most eight lines each. Runs from the root;
# ends with a line of counts for the test runner.
dynrun=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
cases=$(pwd)/tests/broken
. tests/scripts/harness
cp -r "$cases" models && cd models || exit 1

# Further words of the command line, of which double quotes hold some together.
words() { sed -n '1s/^# exit [0-9]* *//p' "$1" | sed 's/[()]/\\&/g'; }

refused() { # MODEL.dyn
  eval "set -- -q $1 $(words "${1%.dyn}.err")"
  "$dynrun" "$@" > out 2> err
  status=$?
  [ $status -ge 1 ] && [ $status -le 5 ] && grep -qE '(^|: )error: |FAILED' err
}
for model in $(ls ./*.dyn | some); do ok "$model is refused" refused "$model"; done

# From one error to the next.
longest() { awk '/: error: / { n = 0 } { n++ } n > most { most = n } END { print most + 0 }' err; }
short() { # MODEL.dyn: every message of it
  "$dynrun" -q "$1" > out 2> err
  [ "$(longest)" -ge 1 ] && [ "$(longest)" -le 8 ]
}
for model in slip_*.dyn; do ok "$model in eight lines" short "$model"; done

counts broken
