/* child.h: a program run as a child, and the processor time that it took. */
#ifndef BENCH_CHILD_H
#define BENCH_CHILD_H

enum { CHILD_LACKING = 77 }; /* exit status of a program that cannot run here */

/* CPU seconds of one run; the beginning of what it printed goes to text[size]. Below 0: minus its
   exit status. */
double child_run(char *const argv[], char *text, int size);
double median(double *v, int n); /* sorts v */

#endif
