/* SPDX-License-Identifier: GPL-2.0 */
/*
 * dissector - Wireshark's parsers over one capture
 *
 * Frames should come in the order of their numbers the first time; one that was
 * there before may come again at any time, as in Wireshark's second pass. What the
 * parsers know across frames (conversations, reassembly) is of the frames that
 * came, in the order in which they came: of an earlier frame that comes late, it
 * may mislead. Wireshark keeps it in global variables: there is one dissector in a
 * process, and one thread at a time may use it.
 *
 * Wireshark's types are only named here.
 */
#ifndef NEXP_DISSECTOR_H
#define NEXP_DISSECTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct epan_dfilter;
struct field_info;

struct nexp_dissector;

/* Why something was refused, as a sentence for people. */
#define NEXP_WHY_SIZE	512

/**
 * enum nexp_hand - how many frames can be had at a time, and what for
 * @NEXP_HAND_ATTACHED: the one whose properties an expert looks at.
 * @NEXP_HAND_JUDGED: the one that a filter is asked about meanwhile.
 * @NEXP_NR_HANDS: both.
 */
enum nexp_hand {
	NEXP_HAND_ATTACHED,
	NEXP_HAND_JUDGED,
	NEXP_NR_HANDS,
};

/**
 * struct nexp_dissect_frame - a frame to dissect
 * @number: from 1.
 * @encap: WTAP_ENCAP_*, see nexp_encap_of_link_type().
 * @secs: when it was seen, since 1970.
 * @nsecs: nanoseconds of it.
 * @wire_len: bytes on the wire.
 * @cap_len: bytes at @bytes.
 * @bytes: stay as they are until the next frame in this hand.
 * @interface_id: from 0, in this capture.
 * @interface: its name; NULL if it has none, and then @interface_id says nothing.
 */
struct nexp_dissect_frame {
	uint32_t number;
	int encap;
	int64_t secs;
	int nsecs;
	uint32_t wire_len;
	uint32_t cap_len;
	const uint8_t *bytes;
	uint32_t interface_id;
	const char *interface;
};

/**
 * struct nexp_field - an item of a frame's tree
 * @info: Wireshark's: field, value, flags, place. Valid until the next frame.
 * @parent: where the item that this is below stands in the list; itself if none.
 * @protocol: where the protocol that it belongs to stands; itself if it is one.
 * @level: 0 for the protocols.
 * @in_frame: its bytes are the frame's, not of a buffer that was put together.
 */
struct nexp_field {
	const struct field_info *info;
	uint32_t parent;
	uint32_t protocol;
	uint16_t level;
	bool in_frame;
};

int nexp_dissect_start(char *why);
int nexp_dissector_open(struct nexp_dissector **out_dissector, char *why);
void nexp_dissector_close(struct nexp_dissector *dissector);
void nexp_dissector_forget(struct nexp_dissector *dissector);

int nexp_dissector_run(struct nexp_dissector *dissector, enum nexp_hand which,
		       const struct nexp_dissect_frame *frame, bool wants_fields,
		       struct epan_dfilter *const *filters, unsigned int nr_filters, char *why);
bool nexp_dissector_passes(struct nexp_dissector *dissector, enum nexp_hand which,
			   struct epan_dfilter *filter);
const struct nexp_field *nexp_dissector_fields(const struct nexp_dissector *dissector,
					       enum nexp_hand which, uint32_t *out_count);
void nexp_dissector_release(struct nexp_dissector *dissector, enum nexp_hand which);

int nexp_dfilter_compile(const char *text, struct epan_dfilter **out_filter, char *why);
void nexp_dfilter_free(struct epan_dfilter *filter);

int nexp_comment_read(const char *path, char *buffer, size_t size);

int nexp_encap_of_link_type(uint16_t link_type, char *why);

#endif /* NEXP_DISSECTOR_H */
