# jacobians.sh DYNRUN: the Jacobian of every network among the examples equals central differences
# of its vector field. Those with noise, delays or events have none. Ends with a line of counts for
# the test runner.
dynrun=$1
examples=$(pwd)/examples
. tests/scripts/harness

model() { # FILE NETWORK TIME
  given=
  grep -q "^network $2(.*N = N" "$1" && given="(N = 40)"
  grep -q "^network $2(g," "$1" && given="(g = 2, N = 40)"
  cat << END
from "$1" import $2
let net = with($2$given)
let near = vector_field(net, simulate(net, for = $3, record = []).final).x[0]
let x = if max(abs(near)) > 0 then near else near + 0.3
let h = 1e-5 * (0.01 * abs(x) + mean(abs(x)) / (1 + mean(abs(x))))
let J = jacobian(net, x)
let up = vector_field(net, x + diag(h))
let down = vector_field(net, x - diag(h))
let D = ((up.rate - down.rate) / reshape(2 * h, [-1, 1]))'
let A = if up.map then J - eye(size(x)) else J
let size_of = max(abs(A), axis = 0)
let rounding = 1e-15 * max(abs(up.rate)) / h
expect max(abs(A - D), axis = 0) < 1e-6 * (size_of + 1e-4 * max(size_of)) + rounding
END
}

compare() { # FILE NETWORK
  for time in "1 ms" 1; do
    model "$1" "$2" "$time" > jacobian.dyn
    quietly "$dynrun" check jacobian.dyn && break
    says err "has events\|has delays\|euler_maruyama" && return
  done
  ends 0 -q jacobian.dyn
}

for file in "$examples"/*.dyn; do
  for net in $(sed -n 's/^network \([a-zA-Z_0-9]*\).*/\1/p' "$file"); do
    ok "the Jacobian of $net, $(basename "$file")" compare "$file" "$net"
  done
done

counts jacobians
