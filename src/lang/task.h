/* task.h: tasks as values: a declaration with its arguments. */
#ifndef DYN_LANG_TASK_H
#define DYN_LANG_TASK_H

#include "lang/eval.h"

struct Task {
  const Ast *decl;
  Scope *scope; /* what the declaration closes over */
  const char *name;
  const char *path;
  Field *given; /* the arguments that were given: the others are defaults */
  int ngiven;
  Field *args; /* all arguments, defaults filled in, in the order of the header */
  int nargs;
  Map set; /* draws that `with` holds fixed: name to Value * */
  Where at;
};

Value *task_make(Ev *ev, Value *decl, Value *const *args, const char *const *names, int n,
                 Where at);
Value *task_with(Ev *ev, Value *task, Value *const *args, const char *const *names, int n,
                 Where at);
Value *task_field(Ev *ev, Value *task, const char *name, Where at); /* an argument or a held draw */
bool value_is_task(const Value *v); /* a task or the declaration of one */
/* v as a task: also a declaration whose arguments all have defaults. NULL: reported. */
Task *task_of(Ev *ev, Value *v, Where at);

/* The task as a generator of trials in steps of dt (of a map: 1); `time` is the kind of the
   network's time. NULL: reported, or in rehearsal not known well enough. */
struct Trials *task_trials(Ev *ev, Task *task, double dt, TimeKind time, Where at);

/* What score i gives for one trial, of which these are the rows in its window: targets, what the
   network gave for them, and what Trials.reads lists. */
Value *task_score(Ev *ev, const Task *task, const struct Trials *t, int i, Value *const *target,
                  Value *const *out, Value *const *read);

#endif
