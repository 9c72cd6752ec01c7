# figures.sh DYNRUN: which figures a run leaves by itself. Ends with a line of counts for the test
# runner.
dynrun=$1
. tests/scripts/harness
command -v gnuplot > /dev/null || { counts figures; exit; }

cat > found.dyn <<'END'
network one(a = 1) { state x ~ normal(0, 1); dx/dt = a * x - x^3 }
network vdp { state x = 1, y = 0; dx/dt = y; dy/dt = (1 - x^2) * y - x }
let points = fixed_points(one)
let drawn = fixed_points(one)
let basin = basins(one, points, for = 60, n = 20)
let spectrum = lyapunov(vdp, for = 20)
let shown = lyapunov(vdp, for = 20)
let orbit = limit_cycle(vdp)
let branch = continuation(fn(a) = one(a), from = -1, to = 1)
let same = continuation(fn(a) = one(a), from = -1, to = 1)
let signal = sensitivity(vdp, for = 5)
let run = simulate(vdp, for = 5)
plot(drawn)
plot(shown.history)
panels([bifurcation_diagram(same)])
END
ok "a model with analyses runs" ends 0 -q found.dyn
ok "each that it does not draw has its figure" \
  [ "$(ls found.run/figures | tr '\n' ' ')" = "basin.svg branch.svg figure-1.svg figure-2.svg figure-3.svg orbit.svg points.svg signal.svg spectrum.svg " ]
ok "which the report calls by its name" says found.run/report.html 'spectrum: Lyapunov exponents'

cat > ticks.dyn <<'END'
plot([1, 2, 3], [0.2, 0.1, 0.7], title = "indices", x = "item", y = "value")
plot([1, 2.5, 3], [0.2, 0.1, 0.7], title = "numbers", x = "item", y = "value")
END
ok "figures with indices and with numbers" ends 0 -q ticks.dyn
half_ticks() { # FIGURE: how many ticks stand between whole numbers
  grep -c '>[12]\.5<' ticks.run/figures/figure-"$1".svg
}
ok "have no ticks between indices" [ "$(half_ticks 1)" = 0 ]
ok "and have some between numbers" [ "$(half_ticks 2)" -gt 0 ]

counts figures
