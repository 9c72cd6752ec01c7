# papers.sh DYNRUN: the pages of the papers say what their files say, and a claim of each file that is
# quick fails where the file is changed in a place that matters. Ends with a line of counts for the
# test runner. Sanitizers have nothing to add to this.
dynrun=$1
. tests/scripts/harness
case $dynrun in *build-san*) counts papers && exit ;; esac

fresh() {
  (cd "$here" && sh examples/papers/pages.sh --check) > out 2>&1
}
broken() {
  (cd "$here" && sh tests/papers/mutate.sh "$dynrun" --fast) > out 2>&1
}
ok "pages are up to date" fresh
ok "claims notice every mutation" broken

counts papers
