# weights.sh DYNRUN: weights in .npz files: written, read by NumPy where it is there, and read back.
# Ends with a line of counts for the test runner.
dynrun=$1
. tests/scripts/harness

cat > net.dyn <<'END'
network rnn(N = 5) {
  input u = 0
  weight W : [N, N] ~ normal(0, 1 / sqrt(N))
  weight S : [N, N] ~ sparse(0.4, normal(0, 1))
  weight b : [N] = [0.1 * i for i < N]
  state h : [N] = 0
  next h = tanh((W + S) @ h + b + u)
  output z = mean(h)
}
END
cat > write.dyn <<'END'
from "net.dyn" import rnn
save("weights.npz", rnn(5))
save("parts.npz", (a = 1, b = (c = [[1, 2, 3], [4, 5, 6]])))
save("one.npz", [1, 2])
END
cat > read.dyn <<'END'
from "net.dyn" import rnn
let other = with(rnn(5, seed = 3), load("write.run/weights.npz"))
expect all(other.W == rnn(5).W)
expect all(other.S == rnn(5).S)
expect all(other.b == rnn(5).b)
let parts = load("write.run/parts.npz")
expect parts.a == 1
expect load("write.run/one.npz").arr_0 == [1, 2]
END

cat > fit.dyn <<'END'
from "net.dyn" import rnn
task one { target z; length = 6; z = 1; score error = mean(abs(out.z - z)) }
let fit = train(rnn, one, steps = 8, batch = 2)
let drawn = train(rnn, one, steps = 8, batch = 2, seed = 1)
let once = train(rnn, one, steps = 1, batch = 2)
plot(drawn.loss)
save("fit.npz", fit.net)
END
cat > again.dyn <<'END'
from "net.dyn" import rnn
let same = load("fit.run/fit.npz")
let net = with(rnn, load("fit.run/results.h5").fit.net)
expect all(net.W == same.W) and all(net.S == same.S) and all(net.b == same.b)
expect any(net.b != rnn.b)
END
cat > seven.dyn <<'END'
from "net.dyn" import rnn
let W = with(rnn(7), load("fit.run/results.h5").fit.net).W
END

ok "archives are written" ends 0 -q write.dyn
ok "they are read back to the last bit" ends 0 -q read.dyn
if python3 -c 'import numpy' 2> /dev/null; then
  ok "NumPy reads them" python3 -c '
import numpy as np
w, p = np.load("write.run/weights.npz"), np.load("write.run/parts.npz")
assert sorted(w.files) == ["S", "W", "b"] and w["W"].shape == (5, 5)
assert np.array_equal(w["b"], 0.1 * np.arange(5))
assert p["a"] == 1 and p["b.c"].tolist() == [[1, 2, 3], [4, 5, 6]]
assert np.load("write.run/one.npz")["arr_0"].tolist() == [1, 2]'
fi
ok "training fills the results" ends 0 -q fit.dyn
ok "with figures of what no figure shows: the training, a trial" [ "$(ls fit.run/figures | tr '\n' ' ')" = "figure-1.svg fit.svg task-one.svg " ]
ok "the weights come back into the network" ends 0 -q again.dyn
ok "but not into one of another size" ends 3 -q seven.dyn
ok "which is told" says err 'the declared shape is .7, 7., that of the value .5, 5.'
counts weights
