/* train_curriculum.c: a task as a function of the update, train(net, fn(step) = task(delay = ...)).
   Updates with equal arguments share a lesson: programs and buffers of its own, of which the most
   recent are kept. Weights, carried states and the optimizer's memory are those of the training. */
#include <string.h>

#include "lang/core.h"
#include "lang/task.h"
#include "verb/train.h"

enum { LESSONS = 4 };

typedef struct Lesson {
  uint64_t key;
  int64_t used; /* at which update, from 1; 0: not made */
  Arena *values;
  Train m;
  Bptt *b;
} Lesson;

struct Curriculum {
  Value *fn;
  Where at;
  uint64_t *key; /* of the task of each update */
  Lesson kept[LESSONS];
};

/* ---- tasks ----------------------------------------------------------------------------------- */

/* The task of an update, from 0. NULL: reported, or in rehearsal not known. */
static Task *task_at(const Train *m, const Curriculum *c, int64_t update) {
  Ev *ev = m->s.ev;
  Value *step = value_num(ev, (double)update);
  return task_of(ev, ev_call(ev, c->fn, &step, NULL, 1, c->at), c->at);
}

/* Of what is made of numbers and texts; another value is like that of no other update. */
static uint64_t hash_value(const Value *v, uint64_t update, uint64_t h) {
  h = hash_mix(h, (uint64_t)v->kind);
  switch (v->kind) {
    case V_NONE: return h;
    case V_STRING: return hash_bytes(v->text, v->len, h);
    case V_RECORD:
    case V_LIST:
      for (int i = 0; i < v->nfields; i++) h = hash_value(v->fields[i].value, update, h);
      return h;
    case V_ARRAY: {
      Shape s = value_shape(v);
      h = hash_bytes(s.n, (size_t)s.rank * sizeof s.n[0], h);
      return hash_bytes(v->tensor->data, (size_t)shape_count(s) * sizeof(double), h);
    }
    default: return hash_mix(h, update + 1);
  }
}

static uint64_t hash_task(const Task *t, uint64_t update) {
  uint64_t h = hash_bytes(t->path, strlen(t->path), 0);
  for (int i = 0; i < t->nargs; i++) h = hash_value(t->args[i].value, update, h);
  for (size_t i = 0; i < t->set.n; i++) {
    h = hash_bytes(t->set.items[i].key, strlen(t->set.items[i].key), h);
    h = hash_value(t->set.items[i].value, update, h);
  }
  return h;
}

/* False: reported. */
static bool read_keys(Train *m, Curriculum *c) {
  Ev *ev = m->s.ev;
  bool ok = true;
  c->key = ARENA_ARRAY(ev->arena, uint64_t, m->updates + 1);
  for (int64_t k = 0; ok && k < m->updates; k++) {
    Arena *outer = scratch_begin(ev);
    const Task *t = task_at(m, c, k);
    ok = t != NULL;
    if (ok) c->key[k] = hash_task(t, (uint64_t)k);
    scratch_end(ev, outer, &VALUE_NONE);
  }
  return ok;
}

/* Both see the numbers of a course: each update has all its scores. */
static bool same_scores(Train *m, const Trials *a, const Trials *b, Where at) {
  bool same = a->scores.n == b->scores.n;
  for (size_t i = 0; same && i < a->scores.n; i++)
    same = strcmp(a->scores.at[i].name, b->scores.at[i].name) == 0;
  if (!same)
    setup_report(&m->s, E0645, at,
                 "`%s` and `%s` have different scores: those of a curriculum "
                 "are the same for all updates",
                 a->name, b->name);
  return same;
}

/* ---- reading --------------------------------------------------------------------------------- */

/* In rehearsal the last task is looked at as well. */
static bool rehearse_last(Train *m, const Curriculum *c, const Task *first) {
  if (!m->s.ev->rehearse || m->updates < 2 || !m->s.dt_known) return true;
  Task *last = task_at(m, c, m->updates - 1);
  if (!last || last->decl == first->decl) return last != NULL;
  const Trials *a = task_trials(m->s.ev, (Task *)first, m->s.task_dt, m->s.task_time, c->at);
  const Trials *b = task_trials(m->s.ev, last, m->s.task_dt, m->s.task_time, c->at);
  return !a || !b || same_scores(m, a, b, c->at);
}

Task *curriculum_read(Train *m, Value *v, Where at) {
  bool many = v->kind == V_FUNCTION && v->fn && !value_is_task(v);
  if (!many) return task_of(m->s.ev, v, at);
  if (m->force) {
    setup_report(
        &m->s, E0645, at,
        "a task as a function of the update is for training by gradients, not for `force`");
    return NULL;
  }
  Curriculum *c = ARENA_NEW(m->s.ev->arena, Curriculum);
  *c = (Curriculum){.fn = v, .at = at};
  Task *first = task_at(m, c, 0);
  if (!first || !rehearse_last(m, c, first)) return NULL;
  if (!m->s.ev->rehearse && !read_keys(m, c)) return NULL;
  m->curriculum = c;
  return first;
}

uint64_t curriculum_hash(const Train *m) {
  return m->curriculum ? hash_bytes(m->curriculum->key, (size_t)m->updates * sizeof(uint64_t), 0)
                       : 0;
}

/* ---- lessons --------------------------------------------------------------------------------- */

static void close_lesson(Lesson *l) {
  if (l->m.arena) arena_free(l->m.arena);
  if (l->values) arena_free(l->values);
  *l = (Lesson){0};
}

void curriculum_close(Train *m) {
  for (int i = 0; m->curriculum && i < LESSONS; i++) close_lesson(&m->curriculum->kept[i]);
}

static bool open_lesson(Train *m, Lesson *l, Task *task, const Bptt *first) {
  Where at = m->curriculum->at;
  l->m = *m;
  l->m.arena = arena_new();
  l->m.out = (Quantities){0};
  l->m.task = task;
  l->m.trials = task_trials(m->s.ev, task, m->s.task_dt, m->s.task_time, at);
  if (!l->m.trials || !same_scores(m, m->trials, l->m.trials, at) || !train_match(&l->m) ||
      !train_scores(&l->m))
    return false;
  l->b = bptt_new(&l->m, first);
  return l->b != NULL;
}

/* What the trials are made of lives as long as the lesson. */
static bool make_lesson(Train *m, Lesson *l, int64_t update, const Bptt *first) {
  Ev *ev = m->s.ev;
  Arena *outer = ev->arena;
  ev->arena = l->values = arena_new();
  Task *task = task_at(m, m->curriculum, update);
  bool ok = task && open_lesson(m, l, task, first);
  ev->arena = outer;
  return ok;
}

Bptt *curriculum_lesson(Train *m, Bptt *first, int64_t update) {
  Curriculum *c = m->curriculum;
  if (!c || c->key[update] == c->key[0]) return first;
  Lesson *oldest = c->kept;
  for (int i = 0; i < LESSONS; i++) {
    Lesson *l = &c->kept[i];
    if (l->used < oldest->used) oldest = l;
    if (!l->used || l->key != c->key[update]) continue;
    l->used = update + 1;
    return l->b;
  }
  close_lesson(oldest);
  oldest->key = c->key[update];
  oldest->used = update + 1;
  return make_lesson(m, oldest, update, first) ? oldest->b : NULL;
}
