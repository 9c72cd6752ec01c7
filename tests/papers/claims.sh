# claims.sh DYNRUN: the claims of the papers in examples/papers break where a file is changed in a place that
# matters, and their pages name lines that are claims. Ends with a line of counts for the test runner.
dynrun=$1
. tests/scripts/harness

# A copy of a paper's folder with one change in FILE; RUN of that folder must then say that a claim fails.
breaks() { # PAPER FILE CHANGE RUN [OPTION...]
  paper=$1 changed=$2 change=$3 model=$4
  shift 4
  rm -rf mutant && cp -r "$here/examples/papers/$paper" mutant
  sed -i "$change" "mutant/$changed"
  if cmp -s "mutant/$changed" "$here/examples/papers/$paper/$changed"; then
    ok "$paper/$changed: $change: nothing is changed" false
    return
  fi
  ok "$paper/$model notices $changed: $change" ends 1 -q -o mutant.run "$@" "mutant/$model"
}

m=multiple_manifolds
breaks $m maps.dyn 's/+ b for i < N/- b for i < N/' maps.dyn
breaks $m maps.dyn 's/-I + h + W @ rate(I)/-I + h + 1.01 * W @ rate(I)/' maps.dyn
breaks $m maps.dyn 's/h0 - (L - 1)/h0 + (L - 1)/' maps.dyn
breaks $m maps.dyn 's/(W @ r) \/ 2/(W @ r) \/ 3/' maps.dyn
breaks $m landscape.dyn "s/- R^2 @ (R^2)')/+ R^2 @ (R^2)')/" landscape.dyn
breaks $m landscape.dyn 's/let c = x\[:, 0\] -/let c = x[:, 0] +/' landscape.dyn
breaks $m maps.dyn 's/r @ (W @ r) \/ 2/r @ (W @ r) \/ 1.9/' landscape.dyn
breaks $m flattening.dyn 's/(0.1 \* S \/ eta - sum/(0.1 * S \/ eta + sum/' flattening.dyn
breaks $m flattening.dyn 's/now.M + change/now.M - change/' flattening.dyn
breaks $m maps.dyn 's/h0 - (L - 1)/h0 - L/' capacity.dyn -p most=10
breaks $m noise.dyn 's/sigma \* sqrt(2 \* tau) \* xi/2 * sigma * sqrt(2 * tau) * xi/' noise.dyn -p n=1

ok "pages name claims (make papers)" sh -c "cd '$here' && sh examples/papers/pages.sh --check"
counts papers
