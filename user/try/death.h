/* SPDX-License-Identifier: GPL-2.0 */
/*
 * death - what the expert said before it died is shown before its process is gone
 */
#ifndef NEXP_DEATH_H
#define NEXP_DEATH_H

/**
 * nexp_death_watch() - from now on, an end by a signal or a sanitizer waits for that
 * @socket: the expert's end of its socket; nothing is sent any more then.
 * @shown: becomes readable when all is shown. A second is the most that is waited.
 *
 * Where a tool catches a signal itself, it goes on doing so.
 */
void nexp_death_watch(int socket, int shown);

#endif /* NEXP_DEATH_H */
