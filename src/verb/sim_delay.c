/* sim_delay.c: what all runs with delays share: which delays stay the same, what is wrong with a
   delay, and delayed values as inputs of programs. */
#include "verb/sim_delay.h"

#include <math.h>

int64_t sim_delay_values(const Sim *m, int i) {
  const System *s = m->s.sys;
  return shape_count(graph_node(s->g, s->delays.at[i].value)->shape);
}

NodeId *sim_delay_nodes(Sim *m) {
  const System *s = m->s.sys;
  NodeId *nodes = ARENA_ARRAY(m->arena, NodeId, s->delays.n + 1);
  for (size_t i = 0; i < s->delays.n; i++) nodes[i] = s->delays.at[i].value;
  return nodes;
}

int sim_first_delay(const Sim *m) {
  const System *s = m->s.sys;
  return 4 + (int)(s->states.n + s->inputs.n + s->noises.n);
}

void sim_bind_delays(const Sim *m, SimProgram *p, int64_t lane) {
  const System *s = m->s.sys;
  for (size_t i = 0; i < s->delays.n; i++)
    p->in[sim_first_delay(m) + (int)i] =
        m->delays->now[i] + lane * shape_count(s->delays.at[i].q.shape);
}

/* ---- what is wrong with a delay -------------------------------------------------------------- */

static const char *place_text(const Sim *m, Shape s, int64_t element) {
  Arena *a = m->s.ev->arena;
  const char *text = "";
  int64_t block = shape_count(s);
  for (int k = 0; k < s.rank; k++) {
    block /= s.n[k];
    text =
        arena_printf(a, "%s%s%lld", text, k ? ", " : " of element [", (long long)(element / block));
    element %= block;
  }
  return s.rank ? arena_printf(a, "%s]", text) : text;
}

/* NULL: nothing. */
static const char *fault_of(const Sim *m, double length, bool varies) {
  const double tiny = 1e-9;
  Arena *a = m->s.ev->arena;
  if (!isfinite(length)) return "not a finite number";
  const char *text = setup_time_text(&m->s, length);
  if (length < 0 || (length == 0 && !varies))
    return arena_printf(a, "%s: it must be above zero", text);
  if (!m->s.fixed) return NULL;
  double steps = length / m->s.dt;
  if (!m->s.method && fabs(steps - round(steps)) > tiny)
    return arena_printf(a, "%s: a map's delay is a whole number of steps", text);
  if (steps >= 1 - tiny) return NULL;
  return arena_printf(a, "%s, shorter than the step of %s", text, setup_time_text(&m->s, m->s.dt));
}

bool sim_delays_wrong(Sim *m, int i, const double *length, int64_t lane, double t) {
  const SysDelay *d = &m->s.sys->delays.at[i];
  Arena *a = m->s.ev->arena;
  for (int64_t k = 0; k < shape_count(d->q.shape); k++) {
    const char *fault = fault_of(m, length[k], !m->delays->length[i]);
    if (!fault) continue;
    const char *when = t < 0 ? "" : arena_printf(a, " at %s", setup_when(&m->s, t));
    const char *trial = m->trials == RECORD_NO_AXIS || t < 0
                            ? ""
                            : arena_printf(a, " of trial %lld", (long long)lane);
    Diag *diag = setup_report(&m->s, E0616, d->q.at, "the delay%s%s%s is %s",
                              place_text(m, d->q.shape, k), trial, when, fault);
    if (diag && m->s.fixed && m->s.method && length[k] > 0)
      diag_note(m->s.ev->diag, diag, m->s.c->at, "a smaller `dt` helps, or an adaptive method");
    return true;
  }
  return false;
}

bool sim_delays_failed(Sim *m, double t, int64_t lane, double *const *x) {
  const System *s = m->s.sys;
  for (int i = 0; i < m->delays->n; i++) {
    if (m->delays->length[i]) continue;
    SimProgram *p = sim_program(m, &s->delays.at[i].delay, 1, false, true);
    double *length = ARENA_ARRAY(m->arena, double, shape_count(s->delays.at[i].q.shape) + 1);
    sim_at_lane(m, p, t, lane, x);
    if (program_run(p->p, p->in, (void *[]){length}).code) continue;
    if (sim_delays_wrong(m, i, length, lane + m->lane, t)) return true;
  }
  return false;
}

bool sim_delays_vary(const SimDelays *d) {
  for (int i = 0; i < d->n; i++)
    if (!d->length[i]) return true;
  return false;
}

/* ---- delays that stay the same --------------------------------------------------------------- */

static const Tensor *fixed_length(Sim *m, int i) {
  const SysDelay *d = &m->s.sys->delays.at[i];
  if (!system_is_parameter(m->s.sys, d->delay)) return NULL;
  Tensor *t = tensor_new(m->arena, d->q.shape);
  SimProgram *p = sim_program(m, &d->delay, 1, false, false);
  Status st = program_run(p->p, p->in, (void *[]){t->data});
  for (int64_t k = 0; st.code && k < shape_count(d->q.shape); k++) t->data[k] = NAN;
  return t;
}

/* Without a history, the value at the start must not need the delayed value itself: one after the
   other those become known that need only known ones. */
static bool have_starts(Sim *m) {
  const System *s = m->s.sys;
  bool *known = ARENA_ARRAY(m->arena, bool, s->delays.n), more = true;
  for (size_t i = 0; i < s->delays.n; i++) known[i] = s->delays.at[i].history != NODE_NONE;
  while (more) {
    more = false;
    for (size_t i = 0; i < s->delays.n; i++) {
      bool ready = !known[i];
      for (size_t j = 0; j < s->delays.n && ready; j++)
        ready = known[j] || !graph_depends(s->g, s->delays.at[j].input, &s->delays.at[i].value, 1);
      known[i] |= ready;
      more |= ready;
    }
  }
  for (size_t i = 0; i < s->delays.n; i++) {
    if (known[i]) continue;
    setup_report(&m->s, E0616, s->delays.at[i].q.at,
                 "what is delayed reads itself, so that it has no value at the start: say "
                 "`history = …`");
    return false;
  }
  return true;
}

bool sim_delays_open(Sim *m) {
  const System *s = m->s.sys;
  int n = (int)s->delays.n;
  if (n == 0) return true;
  SimDelays *d = m->delays = ARENA_NEW(m->arena, SimDelays);
  d->n = n;
  d->length = ARENA_ARRAY(m->arena, const Tensor *, n);
  d->now = ARENA_ARRAY(m->arena, double *, n);
  for (int i = 0; i < n; i++) {
    int64_t count = shape_count(s->delays.at[i].q.shape);
    d->now[i] = ARENA_ARRAY(m->arena, double, count *sim_lanes(m) + 1);
    d->length[i] = fixed_length(m, i);
    if (d->length[i] && sim_delays_wrong(m, i, d->length[i]->data, 0, -1)) return false;
  }
  return have_starts(m);
}
