/* SPDX-License-Identifier: GPL-2.0 */
/*
 * reading - an expert and who reads the file for it; nexp_expert_read() begins it
 */
#ifndef NEXP_READING_H
#define NEXP_READING_H

struct nexp_expert;

/**
 * nexp_reading_look() - has the reader ended, the file read or nobody wanting more of it?
 * @expert: the expert, also if nobody reads for it.
 */
void nexp_reading_look(struct nexp_expert *expert);

/**
 * nexp_reading_end() - the expert wants no more frames
 * @expert: the expert, also if nobody reads for it. This does not wait.
 */
void nexp_reading_end(struct nexp_expert *expert);

/**
 * nexp_reading_abandon() - SIGKILL was not enough: go on without the reader's end
 * @expert: somebody reads for it. What that hands on from now on is counted nowhere.
 */
void nexp_reading_abandon(struct nexp_expert *expert);

/**
 * nexp_reading_fini() - end the reader without listening to it, and see it go
 * @expert: the expert, also if nobody reads for it. If it does not go it is an orphan
 *	like others.
 */
void nexp_reading_fini(struct nexp_expert *expert);

#endif /* NEXP_READING_H */
