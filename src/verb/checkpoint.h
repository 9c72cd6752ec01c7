/* checkpoint.h: long work that goes on where it was interrupted. The caller names the arrays that
   its work changes and the parts that determine it:

     Checkpoint *c = checkpoint_new(s, arena, 0);
     checkpoint_part(c, "the task", hash);
     checkpoint_array(c, "W", shape, w);
     int64_t done = checkpoint_resume(c, steps);
     while (done < steps) { work; checkpoint_step(c, ++done); }
     checkpoint_end(c, done);

   The file is an .npz archive in the folder Ev.checkpoints, written beside and renamed, with a
   checksum of each array; its name holds the place of the call and a hash of the parts. One that
   differs in a part, or is damaged, is not used: a warning says why. Without a folder, nothing is
   kept. */
#ifndef DYN_VERB_CHECKPOINT_H
#define DYN_VERB_CHECKPOINT_H

#include "verb/setup.h"

typedef struct Checkpoint Checkpoint;

/* `every`: so many steps of the work from one to the next; 0: half a minute. */
Checkpoint *checkpoint_new(const Setup *s, Arena *a, int64_t every);
void checkpoint_part(Checkpoint *c, const char *name, uint64_t hash);
void checkpoint_array(Checkpoint *c, const char *name, Shape s, double *data);
/* A row of `width` numbers for every `stride` steps that are done. */
void checkpoint_curve(Checkpoint *c, const char *name, double *data, int64_t width, int64_t stride);

/* Fills the arrays if there is a checkpoint of this work with at most `most` steps. Gives how many
   are done: 0 to start anew. */
int64_t checkpoint_resume(Checkpoint *c, int64_t most);
void checkpoint_step(Checkpoint *c, int64_t done);  /* writes when it is time to */
void checkpoint_write(Checkpoint *c, int64_t done); /* now */
void checkpoint_end(Checkpoint *c, int64_t done);   /* after work that took long enough to keep */
const char *checkpoint_path(const Checkpoint *c);   /* of what was written; NULL: nothing was */

/* Removes what a run that began at this time, by the clock of files (CLOCK_REALTIME_COARSE), has
   read or written. */
void checkpoints_clear(Arena *a, const char *folder, double since);

#endif
