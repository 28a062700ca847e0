/* Work that takes only the time which nobody else wants. */
#pragma once

/*
 * The calling thread, and what it forks from now on, runs when its processor has nothing else to
 * do, and gives way at once to who has (SCHED_IDLE). It must hold no lock that others wait for.
 * Needs no privilege; where the kernel does not know it, the thread stays as it is.
 */
void background_enter(void);
