/* SPDX-License-Identifier: GPL-2.0 */
/*
 * error - why something failed, in words for a person
 *
 * The supervisor's functions print nothing. They return a negative errno and,
 * where the errno alone would not help, fill in one of these.
 */
#ifndef NEXP_ERROR_H
#define NEXP_ERROR_H

/**
 * enum nexp_failure - what kind of failure it is; programs map it to exit codes
 * @NEXP_FAILURE_OTHER: none of the others.
 * @NEXP_FAILURE_PERMISSION: the caller may not do this.
 * @NEXP_FAILURE_UNAVAILABLE: the module, its device or its BTF is missing.
 * @NEXP_FAILURE_USAGE: what was asked for makes no sense.
 */
enum nexp_failure {
	NEXP_FAILURE_OTHER,
	NEXP_FAILURE_PERMISSION,
	NEXP_FAILURE_UNAVAILABLE,
	NEXP_FAILURE_USAGE,
};

/**
 * struct nexp_error - a failure
 * @kind: what kind it is.
 * @code: the errno, positive.
 * @text: what failed, why, and what to do; no final newline.
 */
struct nexp_error {
	enum nexp_failure kind;
	int code;
	char text[1024];
};

/**
 * nexp_error_set() - fill in a failure
 * @err: the failure; may be NULL.
 * @kind: what kind it is.
 * @code: positive errno.
 * @fmt: as for printf().
 *
 * Return: -@code, so that it can stand in a return statement.
 */
int nexp_error_set(struct nexp_error *err, enum nexp_failure kind, int code,
		   const char *fmt, ...) __attribute__((format(printf, 4, 5)));

#endif /* NEXP_ERROR_H */
