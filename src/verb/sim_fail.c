/* sim_fail.c: what to say when a run ends early. The state is the last one that was finite; the
   vector field there shows which equation went wrong. */
#include <math.h>

#include "lang/told.h"
#include "verb/sim_delay.h"
#include "verb/sim_rows.h"

/* An element of a state, and the trial it belongs to. */
typedef struct Element {
  int state;
  int64_t lane, unit;
} Element;

static const char *element_name(const Sim *m, Element e) {
  const Quantity *q = &m->s.sys->states.at[e.state].q;
  Arena *a = m->s.ev->arena;
  const char *name = q->name;
  int64_t rest = e.unit, block = shape_count(q->shape);
  for (int k = 0; k < q->shape.rank; k++) {
    block /= q->shape.n[k];
    name = arena_printf(a, "%s%s%lld", name, k ? ", " : "[", (long long)(rest / block));
    rest %= block;
  }
  if (q->shape.rank) name = arena_printf(a, "%s]", name);
  return m->trials == RECORD_NO_AXIS
             ? arena_printf(a, "`%s`", name)
             : arena_printf(a, "`%s` of trial %lld", name, (long long)(e.lane + m->lane));
}

void sim_at_lane(Sim *m, SimProgram *p, double t, int64_t lane, double *const *x) {
  const System *s = m->s.sys;
  double **here = ARENA_ARRAY(m->arena, double *, s->states.n + 1);
  for (size_t i = 0; i < s->states.n; i++)
    here[i] = x[i] + lane * shape_count(s->states.at[i].q.shape);
  p->t = t;
  p->step = m->s.dt > 0 ? round(t / m->s.dt) : 0;
  p->trial[0] = (double)(lane + m->lane);
  sim_bind_states(m, p, here);
  sim_bind_inputs(m, p, -1, t);
  if (m->delays) sim_bind_delays(m, p, lane);
  sim_bind_lane(m, p, lane);
}

/* The first derivative (or next value) of one trial that is not finite. */
static bool bad_field(Sim *m, double t, int64_t lane, double *const *x, Element *e) {
  const System *s = m->s.sys;
  SimProgram *p = sim_program(m, NULL, 0, false, true);
  double **dx = ARENA_ARRAY(m->arena, double *, s->states.n + 1);
  for (size_t i = 0; i < s->states.n; i++) {
    int64_t n = shape_count(s->states.at[i].q.shape);
    dx[i] = ARENA_ARRAY(m->arena, double, n + 1);
  }
  sim_at_lane(m, p, t, lane, x);
  if (program_run(p->p, p->in, (void *const *)dx).code != STATUS_OK) return false;
  for (size_t i = 0; i < s->states.n; i++)
    for (int64_t k = 0; k < shape_count(s->states.at[i].q.shape); k++)
      if (!isfinite(dx[i][k])) {
        *e = (Element){(int)i, lane, k};
        return true;
      }
  return false;
}

static Element largest(const Sim *m, int64_t first, int64_t last, double *const *x, double *size) {
  Element best = {0, 0, 0};
  *size = -1;
  for (size_t i = 0; i < m->s.sys->states.n; i++) {
    int64_t n = shape_count(m->s.sys->states.at[i].q.shape);
    for (int64_t k = first * n; k < last * n; k++)
      if (fabs(x[i][k]) > *size) {
        best = (Element){(int)i, k / n, k % n};
        *size = fabs(x[i][k]);
      }
  }
  return best;
}

void sim_note_run(const Sim *m, Diag *d) {
  if (d) diag_note(m->s.ev->diag, d, m->s.c->at, "in this run of `%s`", m->s.sys->name);
}

static void report_growth(Sim *m, Element e, double t) {
  const SysState *x = &m->s.sys->states.at[e.state];
  Diag *d = setup_report(&m->s, E0602, x->eq_at, "%s grows without bound near %s",
                         element_name(m, e), setup_when(&m->s, t));
  d = told_again(m->s.ev->diag, d, m->s.c->at);
  if (!d) return;
  bool stepped = m->s.fixed && m->s.method;
  if (!stepped) diag_note(m->s.ev->diag, d, x->eq_at, "a sign or a saturation may be missing here");
  sim_note_run(m, d);
  if (stepped)
    diag_note(m->s.ev->diag, d, m->s.c->at, "if the network itself does not, a smaller `dt` helps");
}

/* The element behind an index that counts through all states (and, in a batch, their trials). */
static Element element_at(const Sim *m, int64_t index, int64_t lanes) {
  const System *s = m->s.sys;
  for (size_t i = 0; i < s->states.n; i++) {
    int64_t n = shape_count(s->states.at[i].q.shape);
    if (index < n * lanes) return (Element){(int)i, index / n, index % n};
    index -= n * lanes;
  }
  return (Element){0, 0, 0};
}

enum { HUGE_EXPONENT = 30 }; /* a state above 10^30 was growing, whatever became NaN first */

static bool is_huge(const Sim *m, Element e, double *const *x) {
  int64_t n = shape_count(m->s.sys->states.at[e.state].q.shape);
  return fabs(x[e.state][e.lane * n + e.unit]) > pow(10, HUGE_EXPONENT);
}

/* A state that is not finite from the start on. */
static bool report_start(Sim *m, int64_t first, int64_t last, double t, double *const *x) {
  for (size_t i = 0; i < m->s.sys->states.n && t <= 0; i++) {
    int64_t n = shape_count(m->s.sys->states.at[i].q.shape);
    for (int64_t k = first * n; k < last * n; k++) {
      if (isfinite(x[i][k])) continue;
      Diag *d = setup_report(&m->s, E0601, m->s.sys->states.at[i].q.at, "the start of %s is %s",
                             element_name(m, (Element){(int)i, k / n, k % n}),
                             isnan(x[i][k]) ? "not a number" : "infinite");
      sim_note_run(m, told_again(m->s.ev->diag, d, m->s.c->at));
      return true;
    }
  }
  return false;
}

static void report_field(Sim *m, Element e, double t, double *const *x) {
  const SysState *s = &m->s.sys->states.at[e.state];
  SimBlame b = sim_blame(m, t, e.lane, x, e.state, e.unit);
  const char *what = m->s.sys->kind == SYSTEM_MAP ? "the next value of " : "the derivative of ";
  const char *text = arena_printf(m->s.ev->arena, "%s%s is not a finite number at %s", what,
                                  element_name(m, e), setup_when(&m->s, t));
  Where at = b.at.src ? b.at : m->s.c->at; /* `inf` itself has no place */
  Diag *d = b.constant ? setup_report(&m->s, E0601, at, "%s", b.text)
                       : setup_report(&m->s, E0601, s->eq_at, "%s", text);
  d = told_again(m->s.ev->diag, d, m->s.c->at);
  if (!d) return;
  if (b.constant)
    diag_note(m->s.ev->diag, d, s->eq_at, "so %s", text);
  else if (b.text)
    diag_note(m->s.ev->diag, d, b.at, "%s", b.text);
  sim_note_run(m, d);
}

static void report_nonfinite(Sim *m, int64_t index, double t, int64_t first, int64_t last,
                             double *const *x) {
  double before = m->s.fixed ? t - m->s.dt : t;
  Element e = element_at(m, index < 0 ? 0 : index, last - first);
  bool found = false;
  if (report_start(m, first, last, before, x)) return;
  for (int64_t lane = first; lane < last && !found; lane++)
    found = bad_field(m, before, lane, x, &e);
  if (is_huge(m, e, x)) {
    report_growth(m, e, before);
  } else if (found) {
    report_field(m, e, before, x);
  } else {
    Diag *d = setup_report(&m->s, E0601, m->s.sys->states.at[e.state].eq_at,
                           "%s is not a finite number after the step to %s", element_name(m, e),
                           setup_when(&m->s, t));
    sim_note_run(m, told_again(m->s.ev->diag, d, m->s.c->at));
  }
}

static const char *rate_text(const Sim *m, int state, double rate) {
  Ev *ev = m->s.ev;
  Dim d = m->s.sys->states.at[state].q.dim;
  return value_text(ev, value_quantity(ev, rate, dim_div(d, setup_time_dim(&m->s))));
}

/* An adaptive method could not go on at t; `e` is the largest element there. */
static void report_stuck(Sim *m, Status st, double t, Element e, double size, double *const *x) {
  DiagList *all = m->s.ev->diag;
  bool small = st.code == STATUS_STEP_UNDERFLOW;
  Diag *d = setup_report(&m->s, E0613, m->s.c->at, "`%s` %s at %s", m->s.method->name,
                         small ? "needs ever smaller steps" : "needs too many steps",
                         setup_when(&m->s, t));
  SimJump j;
  if (!d) return;
  if (!sim_jumps(m, t, e.lane, x, &j)) {
    diag_note(all, d, m->s.sys->states.at[e.state].eq_at, "the largest state is %s = %.3g",
              element_name(m, e), size);
    return;
  }
  bool holds = j.before * j.after < 0;
  diag_note(all, d, m->s.sys->states.at[j.state].eq_at,
            "the derivative of %s jumps there, between %s and %s%s",
            element_name(m, (Element){j.state, e.lane, j.unit}), rate_text(m, j.state, j.before),
            rate_text(m, j.state, j.after), holds ? ": either side leads back to the jump" : "");
  diag_note(all, d, m->s.c->at,
            "write a steep smooth function, such as `tanh`, or an event, `when`, that switches a "
            "state; a method with a fixed step goes to and fro across the jump");
}

void sim_failed(Sim *m, Status st, double t, int64_t lane, double *const *x) {
  Ev *ev = m->s.ev;
  if (m->rec->lost) return;
  if (st.code == STATUS_CANCELLED) {
    ev->cancelled = true;
    return;
  }
  int64_t first = lane < 0 ? 0 : lane, last = lane < 0 ? sim_lanes(m) : lane + 1;
  for (int64_t k = first; k < last && m->delays; k++)
    if (sim_delays_failed(m, m->s.fixed ? t - m->s.dt : t, k, x)) return;
  double size;
  Element e = largest(m, first, last, x, &size);
  if (st.code == STATUS_NONFINITE) {
    report_nonfinite(m, st.index, t, first, last, x);
  } else if (st.code == STATUS_DIVERGES) {
    report_growth(m, e, t);
  } else if (st.code == STATUS_STEP_UNDERFLOW || st.code == STATUS_TOO_MANY_STEPS) {
    report_stuck(m, st, t, e, size, x);
  } else {
    setup_report(&m->s, E0612, m->s.c->at, "the run ended at %s%s%s", setup_when(&m->s, t),
                 st.what ? ": " : "", st.what ? st.what : "");
  }
}
