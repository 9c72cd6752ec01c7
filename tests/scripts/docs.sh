# docs.sh DYNRUN: links of the documentation lead somewhere, every page can be reached from
# README.md, and neither pictures nor the examples' index are stale. Ends with a line of counts for
# the test runner. Runs from the root.
dynrun=$(realpath "$1")
passed=0 failed=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

ok() { # WHAT COMMAND...: the command succeeds
  what=$1
  shift
  if "$@" > "$work/out" 2>&1; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "failed: $what"
    sed 's/^/  /' "$work/out"
  fi
}

# A page without its blocks and spans of code.
prose() { awk '/^```/ { code = !code; next } !code' "$1" | sed 's/`[^`]*`//g'; }
links() { prose "$1" | grep -oE '\]\([^)]*\)' | sed 's/^](//; s/)$//' | grep -vE '^(https?|mailto):'; }
# Headings as anchors: lower case, blanks as hyphens, no other marks.
anchors() {
  awk '/^```/ { code = !code; next } !code && /^#+ /' "$1" | sed 's/^#* //' | tr 'A-Z ' 'a-z-' |
    sed 's/[^a-z0-9_-]//g'
}

lead_somewhere() { # PAGE
  all=0
  for link in $(links "$1"); do
    file=${link%%#*}
    target=$1
    [ "$file" ] && target=$(dirname "$1")/$file
    [ -e "$target" ] || { echo "$link: there is no such file"; all=1; continue; }
    [ "$file" = "$link" ] && continue
    anchors "$target" | grep -qx -- "${link#*#}" || { echo "$link: there is no such heading"; all=1; }
  done
  return $all
}

# Adds the pages that can be reached from a page to the list in reached.
walk() { # PAGE
  page=$(realpath --relative-to=. "$1")
  grep -qx "$page" "$work/reached" && return
  echo "$page" >> "$work/reached"
  for link in $(links "$page" | grep -E '\.md(#|$)'); do
    echo "$(dirname "$page")/${link%%#*}"
  done > "$work/next.$(wc -l < "$work/reached")"
  for next in $(cat "$work/next.$(wc -l < "$work/reached")"); do walk "$next"; done
}

for page in *.md docs/*.md examples/*.md src/*/*.md; do
  ok "the links of $page" lead_somewhere "$page"
done
: > "$work/reached"
walk README.md
for page in docs/*.md examples/README.md; do
  ok "README.md leads to $page" grep -qx "$page" "$work/reached"
done
ok "the gallery is up to date" sh examples/gallery.sh --check

# Each example opens with what it is, ends within a page, makes a claim and shows a figure.
for model in examples/*.dyn; do
  ok "$model begins with its title" grep -q '^## ' "$model"
  ok "$model has less than 60 lines" [ "$(wc -l < "$model")" -lt 60 ]
  ok "$model makes a claim" grep -q '^expect ' "$model"
done

# `make verify` does so with all.
ok "an example agrees with its results" sh examples/verify.sh "$dynrun" fitzhugh_nagumo_plane

# The check of links itself finds what is wrong.
printf '# A b\n[x](#a-b) [y](nosuch.md) [z](#c)\n```\n[q](nosuch2)\n```\n' > "$work/page.md"
lead_somewhere "$work/page.md" > "$work/found"
ok "a bad link is found" grep -q 'nosuch.md: there is no such file' "$work/found"
ok "a bad anchor is found" grep -q '#c: there is no such heading' "$work/found"
ok "nothing else is" [ "$(wc -l < "$work/found")" = 2 ]

# So does the test of pages: of two outputs one is wrong, one file is never used, one need not met.
mkdir "$work/docs"
cat > "$work/docs/page.md" << 'END'
```dyn a.dyn
let a = 1
```
```dyn >> a.dyn
print(a + 1)
```
```console
$ dynrun -q a.dyn
2
$ dynrun -q a.dyn; echo end
3
end
```
```console no-such-program
$ no-such-program
```
```dyn unused.dyn
let a = 1
```
END
runner=$(realpath "$(dirname "$1")/tests/runner")
(cd "$work" && "$runner" --only docs/ "$dynrun") > "$work/found"
ok "a right and a wrong output are told apart" grep -q '^1 passed, 2 failed' "$work/found"
ok "the difference is shown" grep -q '^    - 3' "$work/found"
ok "a file that no command uses is an error" grep -q '^  unused.dyn' "$work/found"
ok "a missing program is told" grep -q 'skipped: no no-such-program here' "$work/found"
echo "docs: $passed passed, $failed failed"
[ $failed = 0 ]
