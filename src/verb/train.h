/* train.h: training by backpropagation through time, as `train` does it: what its files share.

   One update: a batch of trials is drawn (Trials), the network runs through them as one scan, which
   keeps its states; the loss is one function of all outputs; and the derivative of the step runs
   back through the scan (pass/scan_vjp.h). Arrays are [steps, batch, ...]. */
#ifndef DYN_VERB_TRAIN_H
#define DYN_VERB_TRAIN_H

#include "model/trials.h"
#include "num/optimizer.h"
#include "pass/scan_vjp.h"
#include "run/run.h"
#include "verb/checkpoint.h"
#include "verb/record.h"
#include "verb/score.h"

/* The arguments of the verb. */
enum {
  TRAIN_NET,
  TRAIN_TASK,
  TRAIN_LOSS,
  TRAIN_OPTIMIZER,
  TRAIN_BATCH,
  TRAIN_STEPS,
  TRAIN_DT,
  TRAIN_METHOD,
  TRAIN_ONLY,
  TRAIN_FREEZE,
  TRAIN_CLIP,
  TRAIN_CLIP_VALUE,
  TRAIN_REGULARIZE,
  TRAIN_STOP,
  TRAIN_SCHEDULE,
  TRAIN_CARRY,
  TRAIN_TRUNCATE,
  TRAIN_PRECISION,
  TRAIN_PROJECT,
  TRAIN_VALIDATE,
  TRAIN_EVERY,
  TRAIN_CHECKPOINT,
  TRAIN_SEED
};

/* Numbers as the programs see them (r) and in double precision (d): the same memory, or with
   single precision apart. */
typedef struct Reals {
  double *d;
  void *r;
  int64_t n;
  size_t row; /* bytes of r for one step */
} Reals;

typedef struct Train {
  Setup s;
  const Task *task;
  const Trials *trials;
  Scores scores;
  int64_t batch, updates;
  struct Curriculum *curriculum; /* NULL: one task for all updates */
  struct Train *validation;      /* as this one, with the task of `validate`; NULL: none */
  int64_t validate_every;
  int64_t checkpoint; /* updates from one checkpoint to the next; 0: by time */
  bool single, carry;
  bool force; /* instead of backpropagation: with `alpha`, at every `every` steps */
  double alpha;
  int64_t every;
  int64_t truncate;        /* steps between two cuts of the way back; 0: none */
  double clip, clip_value; /* 0: none */
  const Optimizer *optimizer;
  OptimizerOptions rates;
  Value *loss, *regularize, *stop, *schedule, *project; /* NULL if not given, but `loss` */
  int *channel;  /* of each input of the network: the task's, or -1 */
  bool *trained; /* of each weight */
  Quantities
      out;      /* outputs that targets are for, in their order; then what `regularize` may read */
  Arena *arena; /* of programs and buffers */
  int64_t resumed; /* how many updates were done when this run began */
  double begun;    /* when it did */
} Train;

/* What a training came to. */
typedef struct TrainLog {
  int64_t done;                 /* updates */
  double *loss;                 /* of each update */
  double *scores;               /* likewise, [updates, scores] */
  double *validation;           /* [updates / validate_every, 1 + scores]: loss, then scores */
  const Tensor *const *weights; /* in the order of the system */
  const Tensor *const *ends;    /* with `carry`: of each state, where the last trials ended */
  Checkpoint *saved;
} TrainLog;

/* train_run.c: all updates. False: reported. */
bool train_run(Train *m, TrainLog *log);
bool train_rehearse(Train *m); /* calls `schedule` and `stop` once, for their errors */
TrainLog train_log(Train *m);  /* room for all updates */
/* Goes on from a checkpoint if there is one, once all its arrays and parts are named: sets
   log->done. *stop: the training had ended. False: reported. */
bool train_resume(Train *m, TrainLog *log, bool *stop);
/* Shows progress, also within an update (loss NaN: not known). False: the user ends the run. */
bool train_tick(Train *m, double done, double loss);
/* After update log->done: does `stop` or the user end the training? False: reported. */
bool train_goes_on(Train *m, const TrainLog *log, bool *stop);

/* train_match.c: the task's channels and the network's, by name. False: reported. */
bool train_match(Train *m);
bool train_choose_weights(Train *m, int only, int freeze);

/* train_loss.c: the loss as a function. Inputs: each of m->out [steps, batch, ...], each target,
   each mask (normalised: see train_trials), then the weights if there is `regularize`. Outputs: the
   loss, then with `regularize` what it adds; then the cotangents of the inputs m->out and, with
   `regularize`, of the weights. NULL: reported. */
GraphFn *train_loss(Train *m);
GraphFn *train_loss_value(Train *m);   /* without the cotangents */
void train_read_loss(Train *m, int i); /* argument i, or mse */

/* The weights by name, as nodes of g. */
Value *train_weights_record(Train *m, Graph *g, const NodeId *weight);

/* train_project.c: from all weights to those that are trained, as `project` has them. NULL:
   reported, or in rehearsal not known. */
GraphFn *train_project(Train *m);

/* train.c: the functions of the scores. False: reported. */
bool train_scores(Train *m);

/* train_validate.c. False: reported. */
bool validation_read(Train *m);
int validation_width(const Train *m); /* numbers in a row of TrainLog.validation */
Value *validation_course(const Train *m, const TrainLog *log); /* log NULL: in rehearsal */
Value *validation_last(const Train *m, const TrainLog *log);   /* NaN before the first; likewise */

/* train_trials.c: a batch of trials as a function of (update, trial [batch]). Outputs: the inputs
   of the network that the task gives, in the network's order, targets, and masks, which are divided
   by their sum over the trial and by the batch, all [steps, batch, ...]; then what the scores want,
   [batch, ...]. */
GraphFn *train_trials(Train *m);

/* train_bptt.c */
typedef struct Bptt Bptt;
/* NULL: reported. With another of the same network, weights, gradient and carried states are one.
 */
Bptt *bptt_new(Train *m, const Bptt *other);
int64_t bptt_count(const Bptt *b);
double *bptt_parameters(Bptt *b); /* all weights that are trained, one after the other */
const double *bptt_gradient(const Bptt *b);
/* The loss of a batch and its gradient; updates count from 1. On failure the status says why. */
Status bptt_update(Bptt *b, int64_t update, double *loss);
/* The loss of the trials of update 0 with these parameters. */
Status bptt_loss(Bptt *b, const double *parameters, double *loss);
Status bptt_project(Bptt *b);            /* the parameters, if there is `project` */
bool bptt_scores(Bptt *b, double *mean); /* of the last batch. False: reported */
/* Names what changes in the training and what determines it; to be called after an array was read
   from a checkpoint. */
void bptt_keep(Bptt *b, Checkpoint *c);
void bptt_resumed(Bptt *b);
double bptt_penalty(const Bptt *b); /* what `regularize` added in the last batch */
const Tensor *const *bptt_weights(Bptt *b, Arena *a); /* in the order of the system */
/* With `carry`: of each state, where the last trials ended, [batch, ...]. */
const Tensor *const *bptt_ends(const Bptt *b, Arena *a);
/* Which state was the first that is not finite in the last batch, and at what step; NULL: none. */
const Quantity *bptt_first_bad(const Bptt *b, int64_t *step);

/* train_curriculum.c: a task as a function of the update. The argument as the task of the first
   update; NULL: reported, or in rehearsal not known. */
typedef struct Curriculum Curriculum;
Task *curriculum_read(Train *m, Value *v, Where at);
uint64_t curriculum_hash(const Train *m);
/* What makes an update, from 0; `first` is of update 0. NULL: reported. */
Bptt *curriculum_lesson(Train *m, Bptt *first, int64_t update);
void curriculum_close(Train *m);

/* After update log->done, when it is time to. False: reported. */
bool validation_step(Train *m, TrainLog *log, Bptt *validation, const double *parameters);

#endif
