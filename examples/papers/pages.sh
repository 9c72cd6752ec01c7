# pages.sh DYNRUN [PAPER...]: writes docs/papers/PAPER.md from examples/papers/PAPER/page.md, of all papers
# unless some are named. Run from the root. A line of page.md that begins with @ stands for what a run gives:
#   @run FILE [OPTION...]   runs examples/papers/PAPER/FILE: how long it takes, what it prints, its claims
#   @figure N CAPTION       figure N of that run
# Runs are kept in build/papers and taken again while the file, with what it imports, and the options are what
# they were; delete the folder after a change of dynrun. pages.sh --check says where a page and its paper's files differ.

# The claims of a run.json, one on each line, as a table; lines are links.
claims() { # RUN FILE
  awk -v link="../../$2" '
    function field(key,   text) {
      text = $0
      if (!sub(".*\"" key "\": \"", "", text)) return ""
      gsub(/\\\\/, "\001", text); gsub(/\\"/, "\002", text); sub(/".*/, "", text)
      gsub("\002", "\"", text); gsub("\001", "\\", text); gsub(/\|/, "\\|", text)
      gsub(/\\(n|u000a) */, " ", text)
      return text
    }
    function shorter(text) { return length(text) > 60 ? substr(text, 1, 57) "..." : text }
    /^    \{"line": [0-9]+, "held": / {
      line = $2 + 0; why = field("why")
      if (!n++) print "\n| line | claim | expected | found |\n|---|---|---|---|"
      printf "| [%d](%s#L%d) | %s`%s` | %s | %s%s |\n", line, link, line, why (why ? "<br>" : ""), field("claim"),
        shorter(field("expected")), /"held": true/ ? "" : "**fails**: ", shorter(field("found"))
    }
    END { if (n) print "" }' "$1/run.json"
}

# Seconds of processor time from the second line of `times`: user and system time of what was run.
seconds() { # FILE
  awk 'NR == 2 { split($1 "m" $2, t, /[ms]+/); s = (t[1] + t[3]) * 60 + t[2] + t[4]
    printf s < 10 ? "%.1f s" : "%.0f s", s }' "$1"
}

# Runs a file unless its folder holds just this run.
make_run() { # FOLDER FILE OPTION...
  to=$1
  shift
  made="$("$dynrun" flatten "$1" | sha256sum) $*"
  [ "$made" = "$(cat "$to/made" 2> /dev/null)" ] && return
  rm -rf "$to"
  mkdir -p "$to"
  echo "  run $*"
  (
    DYN_CACHE=off "$dynrun" -q -o "$to/run" "$@" > "$to/out" 2> "$to/err"
    echo $? > "$to/status"
    times > "$to/times"
  )
  case $(cat "$to/status") in
    0) echo "$made" > "$to/made" ;;
    *) bad=1 && cat "$to/err" ;;
  esac
}

run() { # PAPER FILE OPTION...
  file=examples/papers/$1/$2
  kept=build/papers/$1/${2%.dyn} name=$1-${2%.dyn}
  shift 2
  make_run "$kept" "$file" "$@" >&2
  echo "\`dynrun $file$(printf ' %s' "$@" | sed 's/^ $//')\` takes $(seconds "$kept/times") of processor time."
  [ -s "$kept/out" ] && printf '\n```\n%s\n```\n' "$(cat "$kept/out")"
  claims "$kept/run" "$file"
}

figure() { # NUMBER CAPTION
  picture=pictures/$name-$1.svg
  cp "$kept/run/figures/figure-$1.svg" "docs/papers/$picture" || bad=1
  shift
  echo "![$*]($picture)"
}

page() { # PAPER
  echo "<!-- Made by make papers from examples/papers/$1/page.md. -->"
  while IFS= read -r line; do
    case $line in
      "@run "*) eval "run $1 ${line#@run }" ;;
      "@figure "*) figure ${line#@figure } ;;
      *) printf '%s\n' "$line" ;;
    esac
  done < "examples/papers/$1/page.md"
}

# What is stale of a page: its words, claims that are not at their lines, claims that it does not have,
# pictures that are missing or large.
check() { # PAPER
  page=docs/papers/$1.md
  [ -f "$page" ] || { echo "$page: missing" && return; }
  grep -v '^@' "examples/papers/$1/page.md" | grep . | grep -vxFf "$page" | sed "s|^|$page: lacks: |"
  for file in $(sed -n 's/^@run \([^ ]*\).*/\1/p' "examples/papers/$1/page.md" | sort -u); do
    model=examples/papers/$1/$file
    grep -o "$model#L[0-9]*" "$page" | sed 's/.*#L//' | sort -u > "$work/named"
    grep -n '^ *expect ' "$model" | cut -d: -f1 | sort -u > "$work/there"
    comm -3 "$work/named" "$work/there" | tr -d '\t' | sed "s|.*|$page: $model:&: not a claim, or one that is left out|"
  done
  for model in examples/papers/"$1"/*.dyn; do
    grep -qF "$(basename "$model")" "$page" || echo "$page: does not name $model"
  done
  for picture in $(sed -n 's/^!\[.*](\(pictures.*\))$/\1/p' "$page"); do
    [ "$(wc -c < "docs/papers/$picture")" -lt 131072 ] || echo "$picture: missing, or more than 128 kB"
  done
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bad=0
checks= dynrun=$1
[ "$1" = --check ] && checks=yes
shift
[ $# -gt 0 ] || set -- $(cd examples/papers && ls */page.md | xargs -n 1 dirname)
for paper; do
  if [ "$checks" ]; then
    check "$paper" > "$work/stale"
    [ -s "$work/stale" ] && cat "$work/stale" && echo "make papers PAPER=$paper" && bad=1
  else
    mkdir -p docs/papers/pictures
    page "$paper" > "$work/page" && cp "$work/page" "docs/papers/$paper.md"
  fi
done
exit $bad
