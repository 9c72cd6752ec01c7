# mutate.sh DYNRUN WORD: each line `file | old | new [| other]` of tests/papers/mutations with WORD in it
# changes old to new in a file of a paper, or in `other` beside it, which it imports; then at least one
# claim of the file must fail. With --fast for WORD, of files that tests/papers/small keeps out only the text is looked for.
# Run from the root; ends with a line of counts.
dynrun=$1 word=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export DYN_CACHE=off
passed=0 failed=0

row() { # FILE: where it runs, and its options in tests
  awk -v file="$1" '$1 == file { found = 1; $1 = ""; print } END { if (!found) print "sm" }' tests/papers/small
}

# The first place of OLD in FILE becomes NEW; without one, the status is 1.
change() { # FILE OLD NEW
  awk -v old="$2" -v new="$3" '
    !done && (at = index($0, old)) { $0 = substr($0, 1, at - 1) new substr($0, at + length(old)); done = 1 }
    { print }
    END { exit !done }' "$1" > "$work/changed" && cp "$work/changed" "$1"
}

# Is OLD in FILE?
is_there() {
  cp "examples/papers/$1" "$work/there"
  change "$work/there" "$2" "" && return
  failed=$((failed + 1))
  echo "$1: \`$2\` is not in the file"
}

mutate() { # FILE OLD NEW CHANGED WHERE OPTION...
  model=$1 old=$2 new=$3 changed=$4
  shift 5
  rm -rf "$work/paper"
  cp -r "examples/papers/${model%/*}" "$work/paper"
  : > "$work/out"
  if ! change "$work/paper/$changed" "$old" "$new"; then
    status="it is not in the file"
  else
    "$dynrun" -q -o "$work/run" "$@" "$work/paper/${model#*/}" > "$work/out" 2>&1
    status="no claim fails, status $?"
  fi
  if grep -q '^  FAILED ' "$work/out"; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "$model: \`$old\` as \`$new\` in $changed: $status"
  fi
}

while IFS= read -r line; do
  case $line in '' | '#'*) continue ;; esac
  part() { printf '%s\n' "$line" | awk -F ' [|] ' -v n="$1" '{ print $n }'; }
  model=$(part 1)
  of=$(row "$model")
  changed=$(part 4)
  case $word in
    --fast)
      is_there "${model%/*}/${changed:-${model#*/}}" "$(part 2)"
      case ${of%% -*} in *m*) ;; *) continue ;; esac
      ;;
    *) printf '%s\n' "$line" | grep -q -- "$word" || continue ;;
  esac
  eval "mutate \"\$model\" \"\$(part 2)\" \"\$(part 3)\" \"\${changed:-\${model#*/}}\" $of"
done < tests/papers/mutations
echo "mutations: $passed passed, $failed failed"
[ $failed = 0 ]
