# torch.sh DYNRUN: the recurrent networks of std.networks against PyTorch, where that is installed:
# courses for the same weights, the gradients of training through 40 steps of time, and what each
# optimizer makes of them. Ends with a line of counts for the test runner.
dynrun=$1
. tests/scripts/harness

cat > nets.dyn <<'END'
from std.networks import vanilla_rnn, gru, lstm
let signal : [40, 3] ~ normal(0, 1)
let goal : [40, 2] ~ normal(0, 1)
let bias : [16] ~ normal(0, 1)
task data {
  input u : [3]
  target z : [2]
  length = 40
  u = signal[t]
  z = goal[t]
}
let rnn = with(vanilla_rnn(N = 16, inputs = 3, outputs = 2), b = bias)
let gated = gru(N = 16, inputs = 3, outputs = 2)
let long = lstm(N = 16, inputs = 3, outputs = 2)

save("data.npz", (u = signal, goal = goal))
save("rnn.npz", rnn)
save("gru.npz", gated)
save("lstm.npz", long)
save("runs.npz", (rnn = simulate(rnn, input = signal).z, gru = simulate(gated, input = signal).z, lstm = simulate(long, input = signal).z))
fn learned(net) = train(net, data, steps = 1, batch = 1, optimizer = sgd(lr = 1)).net
save("rnn1.npz", learned(rnn))
save("gru1.npz", learned(gated))
save("lstm1.npz", learned(long))
fn updated(optimizer) = train(rnn, data, steps = 3, batch = 1, optimizer = optimizer).net
save("sgd.npz", updated(sgd(lr = 0.1)))
save("momentum.npz", updated(momentum(lr = 0.1)))
save("rmsprop.npz", updated(rmsprop(lr = 0.01)))
save("adam.npz", updated(adam(lr = 0.01)))
save("adamw.npz", updated(adamw(lr = 0.01)))
END
cat > compare.py <<'END'
import sys
import numpy as np
import torch

torch.set_default_dtype(torch.float64)
kind = sys.argv[1]
read = lambda name: np.load("nets.run/" + name + ".npz")
w, after, data, course = read(kind), read(kind + "1"), read("data"), read("runs")[kind]
net = {"rnn": torch.nn.RNN, "gru": torch.nn.GRU, "lstm": torch.nn.LSTM}[kind](3, 16)
out = torch.nn.Linear(16, 2)
names = {"weight_ih_l0": "W_ih", "weight_hh_l0": "W_hh", "bias_ih_l0": "b_ih", "bias_hh_l0": "b_hh"}
if kind == "rnn":
    names = {"weight_ih_l0": "W_in", "weight_hh_l0": "W", "bias_ih_l0": "b"}
    torch.nn.init.zeros_(net.bias_hh_l0)
pairs = [(getattr(net, a), b) for a, b in names.items()] + [(out.weight, "W_out"), (out.bias, "b_out")]
with torch.no_grad():
    for p, name in pairs:
        p.copy_(torch.from_numpy(w[name]))

def backward():
    z = out(net(torch.from_numpy(data["u"]))[0])
    ((z - torch.from_numpy(data["goal"])) ** 2).mean().backward()
    return z

if len(sys.argv) > 2:
    name = sys.argv[2]
    parameters = [p for p, _ in pairs]
    optimizer = {
        "sgd": lambda: torch.optim.SGD(parameters, lr=0.1),
        "momentum": lambda: torch.optim.SGD(parameters, lr=0.1, momentum=0.9),
        "rmsprop": lambda: torch.optim.RMSprop(parameters, lr=0.01, alpha=0.9),
        "adam": lambda: torch.optim.Adam(parameters, lr=0.01),
        "adamw": lambda: torch.optim.AdamW(parameters, lr=0.01, weight_decay=0.01),
    }[name]()
    for step in range(3):
        optimizer.zero_grad()
        backward()
        optimizer.step()
    own = read(name)
    for p, weight in pairs:
        moved = abs(own[weight] - w[weight]).max()
        assert moved > 1e-3, weight
        assert abs(own[weight] - p.detach().numpy()).max() < 1e-10 * moved, (name, weight)
    sys.exit()
z = backward()
worst = abs(z.detach().numpy() - course[1:]).max()
for p, name in pairs:
    g = p.grad.numpy()
    assert abs(g).max() > 1e-3, name
    worst = max(worst, abs(w[name] - after[name] - g).max() / abs(g).max())
assert worst < 1e-12, worst
END

if python3 -c 'import torch, numpy' 2> /dev/null; then
  ok "networks of three kinds run" ends 0 -q nets.dyn
  for kind in rnn gru lstm; do
    ok "$kind: course and gradients are PyTorch's" python3 compare.py $kind
  done
  for optimizer in sgd momentum rmsprop adam adamw; do
    ok "$optimizer: three updates are PyTorch's" python3 compare.py rnn $optimizer
  done
fi

counts torch
