# pages.sh DYNRUN [PAPER...]: writes docs/papers/PAPER.md from examples/papers/PAPER/page.md, all papers
# unless some are named. Run from the root. A line of page.md that begins with @ stands for what a run
# gives:
#   @run FILE [OPTION...]   runs examples/papers/PAPER/FILE: the command and its time, what it prints,
#                           its claims with their lines
#   @figure N CAPTION       figure N of that run
# pages.sh --check says where pages name lines of files that do not hold these claims any more.

# The claims of a run.json, with links to their lines.
claims() { # RUN FILE
  awk -v file="../../$2" '
    /^    \{"line": [0-9]+, "held": / {
      match($0, /"line": [0-9]+/); line = substr($0, RSTART + 8, RLENGTH - 8)
      held = /"held": true/ ? "holds" : "**fails**"
      text = $0; sub(/.*"claim": "/, "", text); why = ""
      if (match(text, /", "why": "/)) { why = substr(text, RSTART + 11); text = substr(text, 1, RSTART - 1) }
      sub(/", "expected": ".*/, "", text); sub(/", "expected": ".*/, "", why)
      sub(/"\},?$/, "", text); sub(/"\},?$/, "", why)
      gsub(/\\"/, "\"", text); gsub(/\|/, "\\|", text); gsub(/\\"/, "\"", why)
      if (!n++) print "\n| claim | as it is written | line | |\n|---|---|---|---|"
      printf "| %s | `%s` | [%d](%s#L%d) | %s |\n", why, text, line, file, line, held
    }
    END { if (n) print "" }' "$1/run.json"
}

seconds_of() { # RUN
  awk '/^  "seconds": / { printf "%.0f", $2 }' "$1/run.json"
}

run() { # PAPER FILE OPTION...
  file=examples/papers/$1/$2
  name=$1-${2%.dyn}
  shift 2
  rm -rf "$work/run"
  "$dynrun" -q --fresh -o "$work/run" "$file" "$@" > "$work/out" 2> "$work/err"
  case $? in 0 | 1) ;; *) bad=1 && cat "$work/err" >&2 ;; esac
  echo "\`dynrun $file${*:+ }$*\` took $(seconds_of "$work/run") s."
  [ -s "$work/out" ] && printf '\n```\n%s\n```\n' "$(cat "$work/out")"
  claims "$work/run" "$file"
}

figure() { # NUMBER CAPTION
  picture=pictures/$name-$1.svg
  cp "$work/run/figures/figure-$1.svg" "docs/papers/$picture" || bad=1
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

# Every line that a page names begins with `expect`.
check() {
  for page in $(ls docs/papers/*.md 2> /dev/null); do
    sed -n 's/.*](\.\.\/\.\.\/\([^#)]*\)#L\([0-9]*\)).*/\1 \2/p' "$page" |
      while read -r file line; do
        sed -n "${line}p" "$file" | grep -q '^ *expect ' || echo "$page: $file:$line is no claim (make papers)"
      done
  done
}

if [ "$1" = --check ]; then
  stale=$(check)
  [ -z "$stale" ] || { echo "$stale" && exit 1; }
  exit 0
fi
dynrun=$1
shift
[ $# -gt 0 ] || set -- $(cd examples/papers && ls -d */ | tr -d /)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bad=0
mkdir -p docs/papers/pictures
for paper; do
  [ -f "examples/papers/$paper/page.md" ] || continue
  page "$paper" > "$work/page"
  cp "$work/page" "docs/papers/$paper.md"
done
exit $bad
