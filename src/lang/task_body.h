/* task_body.h: a task while it is traced; what its files share. */
#ifndef DYN_LANG_TASK_BODY_H
#define DYN_LANG_TASK_BODY_H

#include "lang/task.h"
#include "model/trials.h"

typedef struct TaskBody TaskBody;

/* A name that the task declares. */
typedef struct TaskName TaskName;
struct TaskName {
  TaskBody *body;
  AstKind kind; /* of the statement */
  const char *name;
  const Ast *item;
  Where at;
  Value *(*value_of)(TaskName *n);
  Value *value; /* lazy */
  int phase;
  Dim dim;
  NodeId node; /* state: its placeholder; input, target: what it is in a step */
  /* states: */
  const Ast *equation;
  NodeId start, next;
  /* inputs and targets: */
  Shape shape;
  NodeId given, weight; /* one where it is assigned; how much it counts there */
};

typedef struct TaskPhase {
  const Ast *stmt;
  NodeId start, end, inside; /* the first step, the one after the last; does it hold in this step */
} TaskPhase;

struct TaskBody {
  Ev *ev;
  const Task *task;
  const Ast *block;
  double dt;
  TimeKind time;
  Dim tdim; /* of the time */
  Graph *g;
  NodeId update, trial, step;
  int loop; /* over the steps */
  Scope *scope;
  Map names; /* to TaskName * */
  VEC(TaskPhase) phases;
  int nopen; /* phases whose place is known */
  NodeId length;
  int64_t steps;
  bool varies;
  bool failed, unknown; /* reported; not known in rehearsal */
};

bool task_phases(TaskBody *b, int n); /* finds the places of the first n phases */
bool task_is_continuous(const Task *task);

/* task_score.c: what the scores need of a trial, as outputs from out[n] on. */
bool task_check_scores(TaskBody *b);
int task_add_scores(TaskBody *b, Trials *t, NodeId *out, int n);

/* task_unroll.c */
double task_most(const Graph *g, NodeId n); /* a bound to a scalar, NaN: there is none */
bool task_is_fixed(const Graph *g, NodeId n, double *x); /* has a scalar only this value? */
Trials *task_finish(TaskBody *b);

#endif
