/* show.h: a model as a reader of its paper would want it: parameters, equations, sizes, solvers. */
#ifndef DYN_REPORT_SHOW_H
#define DYN_REPORT_SHOW_H

#include "lang/eval.h"
#include "report/outline.h"

/* Of an evaluator that has rehearsed its file. `name`: one network, task, neuron or connectivity of
   the file, or a network that a `let` made; NULL: all. NULL: reported. */
const char *show_model(Ev *ev, const char *name, OutlineFormat as);

/* show_network.c: a network that was made, by the name `name`: its arguments and quantities. */
void show_instance(Ev *ev, Outline *o, const char *name, Value *net);

/* show_task.c: one trial of a task, if a verb of the file uses it and its arguments are known. */
void show_trial(Ev *ev, Outline *o, const Ast *decl);

#endif
