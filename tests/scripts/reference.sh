# reference.sh DYNRUN: the committed pages of the reference are what the tables say, and help knows
# every name of the language. Ends with a line of counts for the test runner.
dynrun=$1
. tests/scripts/harness

# Pages: `make docs` writes them.
fresh() { # PAGE FILE: the file is the page; out shows where they begin to differ
  "$dynrun" reference "$1" > page 2> err
  diff "$here/$2" page > all
  status=$?
  head -6 all > out
  [ $status = 0 ]
}
for page in $("$dynrun" reference | grep -v man); do
  ok "docs/reference/$page.md is up to date (make docs)" fresh "$page" "docs/reference/$page.md"
done
ok "reference lists its pages" ends 0 reference
ok "this one is among them" says out '^functions$'
ok "an unknown page" ends 2 reference nosuch
ok "docs/dynrun.1 is up to date (make docs)" fresh man docs/dynrun.1
if command -v groff > /dev/null; then
  groff -ww -man -Tutf8 "$here/docs/dynrun.1" > shown 2> err
  ok "it renders without warnings" [ -s shown -a ! -s err ]
fi

# Every name has help, an entry of the reference, and the same text in both.
for name in $("$dynrun" help --list | some); do
  ok "help $name" ends 0 help "$name"
done
for code in $("$dynrun" explain --list); do
  ok "$code is in the reference" grep -q "^### $code\$" "$here/docs/reference/diagnostics.md"
done

# What this version does not do yet has no help yet.
later=$(awk '/^## / { on = /^## 9/ } on' "$here/docs/language.md" | grep -o '`[^`]*`' | tr -d '`')
known() { # NAME
  echo "$later" | grep -qx "$1" || ends 0 help "$1"
}

# Names that docs/language.md lists: those in `` of the paragraph that starts so, up to a full stop.
listed() { # START
  awk -v start="$1" 'index($0, start) { on = 1; sub(/.*/, substr($0, index($0, start))) }
    on && /^$/ { exit } on { print }' "$here/docs/language.md" | tr '\n' ' ' |
    sed "s/\\(\\. [A-Z(]\\|\\.\$\\).*//" | grep -o '`[^`]*`' | tr -d '`' | sed 's/([^)]*)//g' |
    tr ' ,' '\n\n' | grep -xE '[A-Za-z][A-Za-z0-9_]+|[A-Zmsgt]'
}
for start in 'Reserved words:' 'The words of bodies' 'Units:' 'Distributions:' 'Integrators for' 'Training:' \
  'Elementwise functions:' 'Reductions, with' 'Shape:' 'Time series:'; do
  names=$(listed "$start")
  ok "the list \"$start\" is there" [ -n "$names" ]
  for name in $(echo "$names" | some); do
    ok "help knows $name" known "$name"
  done
done
verbs=$(awk -F'|' '/^## / { on = /^## 7/ } on && /^\| `/ { print $2 }' "$here/docs/language.md" |
  grep -o '`[^`]*`' | tr -d '`' | sed 's/(.*//')
ok "the table of verbs is there" [ -n "$verbs" ]
for name in $(echo "$verbs" | some); do
  ok "help knows $name" known "$name"
done

# The standard library, by its full name and by the last part of it.
for file in "$here"/stdlib/*.dyn; do
  module=$(basename "$file" .dyn)
  for name in $(sed -nE 's/^(fn|neuron|connectivity|network|task|analysis) ([A-Za-z0-9_]+).*/\2/p' "$file"); do
    ok "help std.$module.$name" ends 0 help "std.$module.$name"
    ok "says how to import it" says out "from std.$module import $name"
    ok "help $name" ends 0 help "$name"
  done
done

counts reference
