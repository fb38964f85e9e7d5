// SPDX-License-Identifier: GPL-2.0
/*
 * dissector - a session of libwireshark and the frames that it has seen
 *
 * What is kept of a frame is Wireshark's frame_data, as in its second pass: time,
 * lengths, what the parsers have noted at it. The bytes are only needed while it
 * is dissected.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <epan/epan_dissect.h>
#include <epan/dfilter/dfilter.h>
#include <epan/frame_data.h>
#include <epan/packet.h>
#include <wiretap/pcap-encap.h>
#include <wiretap/wtap.h>

#include "fields.h"
#include "names.h"
#include "session.h"

/**
 * struct hand - a frame as long as it is needed
 * @tree: what was found in it, if @is_busy.
 * @rec: its record.
 * @frame: the frame itself.
 * @fields: its items.
 * @is_busy: there is one.
 */
struct hand {
	epan_dissect_t tree;
	wtap_rec rec;
	struct nexp_dissect_frame frame;
	struct nexp_fields fields;
	bool is_busy;
};

/**
 * struct packet_provider_data - a dissector; the name is Wireshark's
 * @session: of libwireshark.
 * @hands: the frames in hand.
 * @now: the one that was dissected last.
 * @frames: frame_data by number.
 * @first: that of the first one, which the others' times count from.
 * @previous: that of the last one.
 * @elapsed: of the last one, since the first.
 * @bytes: of all of them.
 */
struct packet_provider_data {
	epan_t *session;
	struct hand hands[NEXP_NR_HANDS];
	const struct hand *now;
	GHashTable *frames;
	const frame_data *first;
	frame_data *previous;
	nstime_t elapsed;
	guint32 bytes;
};

struct nexp_dissector {
	struct packet_provider_data provider;
};

static bool is_open;

static frame_data *find(const struct packet_provider_data *provider, uint32_t number)
{
	return g_hash_table_lookup(provider->frames, GUINT_TO_POINTER(number));
}

static void destroy_frame(void *data)
{
	frame_data *frame = data;

	frame_data_destroy(frame);
	g_free(frame);
}

static GHashTable *new_frames(void)
{
	return g_hash_table_new_full(NULL, NULL, NULL, destroy_frame);
}

/*
 * Between the frame in hand and one that never came here no time has passed: there
 * must be an answer.
 */
static const nstime_t *get_frame_ts(struct packet_provider_data *provider, guint32 number)
{
	const frame_data *frame = find(provider, number);

	return frame ? &frame->abs_ts : &provider->now->rec.ts;
}

static const char *get_interface_name(struct packet_provider_data *provider, guint32 id)
{
	const struct nexp_dissect_frame *frame = &provider->now->frame;

	return frame->interface && id == frame->interface_id ? frame->interface : NULL;
}

static const struct packet_provider_funcs provider_funcs = {
	.get_frame_ts = get_frame_ts,
	.get_interface_name = get_interface_name,
};

static void begin_session(struct packet_provider_data *provider)
{
	struct nexp_names before;

	nexp_names_get(&before);
	provider->session = epan_new(provider, &provider_funcs);
	nexp_names_free_forgotten(&before);
}

/**
 * nexp_dissector_open() - begin a capture
 * @out_dissector: it.
 * @why: why not.
 *
 * Return: 0; -EBUSY if one is open; or as nexp_dissect_start().
 */
int nexp_dissector_open(struct nexp_dissector **out_dissector, char *why)
{
	struct packet_provider_data *provider;
	int err = nexp_dissect_start(why);
	struct hand *hand;

	if (err)
		return err;
	if (is_open) {
		snprintf(why, NEXP_WHY_SIZE, "there is a dissector in this process already");
		return -EBUSY;
	}
	*out_dissector = g_new0(struct nexp_dissector, 1);
	provider = &(*out_dissector)->provider;
	provider->frames = new_frames();
	begin_session(provider);
	for (hand = provider->hands; hand < provider->hands + NEXP_NR_HANDS; hand++) {
		nexp_fields_init(&hand->fields);
		wtap_rec_init(&hand->rec);
	}
	provider->now = provider->hands;
	is_open = true;
	return 0;
}

static void release_all(struct nexp_dissector *dissector)
{
	unsigned int i;

	for (i = 0; i < NEXP_NR_HANDS; i++)
		nexp_dissector_release(dissector, i);
}

/** nexp_dissector_close() - the capture has ended; NULL is fine. */
void nexp_dissector_close(struct nexp_dissector *dissector)
{
	struct packet_provider_data *provider = &dissector->provider;
	unsigned int i;

	if (!dissector)
		return;
	release_all(dissector);
	epan_free(provider->session);
	g_hash_table_destroy(provider->frames);
	for (i = 0; i < NEXP_NR_HANDS; i++) {
		nexp_fields_exit(&provider->hands[i].fields);
		wtap_rec_cleanup(&provider->hands[i].rec);
	}
	g_free(dissector);
	is_open = false;
}

/* But for what the parsers noted at it. */
static void keep(GHashTable *from, GHashTable *to, uint32_t number)
{
	frame_data *frame = g_hash_table_lookup(from, GUINT_TO_POINTER(number));

	if (!frame)
		return;
	g_hash_table_steal(from, GUINT_TO_POINTER(number));
	frame_data_reset(frame);
	g_hash_table_insert(to, GUINT_TO_POINTER(number), frame);
}

/**
 * nexp_dissector_forget() - the parsers lose what they know of the frames until now
 * @dissector: releases all frames.
 *
 * Their memory goes with it. Numbers and times go on: the first frame, which times
 * count from, and the last one stay.
 */
void nexp_dissector_forget(struct nexp_dissector *dissector)
{
	struct packet_provider_data *provider = &dissector->provider;
	GHashTable *frames = provider->frames;

	release_all(dissector);
	provider->frames = new_frames();
	if (provider->previous) {
		keep(frames, provider->frames, provider->first->num);
		keep(frames, provider->frames, provider->previous->num);
	}
	g_hash_table_destroy(frames);
	epan_free(provider->session);
	begin_session(provider);
}

/* What wiretap says of such frames in a pcap file. */
static void fill_pseudo_header(wtap_packet_header *head)
{
	union wtap_pseudo_header *pseudo = &head->pseudo_header;

	memset(pseudo, 0, sizeof(*pseudo));
	switch (head->pkt_encap) {
	case WTAP_ENCAP_ETHERNET:
		/* Whether there is one, nobody knows. */
		pseudo->eth.fcs_len = -1;
		break;
	case WTAP_ENCAP_IEEE_802_11:
	case WTAP_ENCAP_IEEE_802_11_PRISM:
	case WTAP_ENCAP_IEEE_802_11_RADIOTAP:
		pseudo->ieee_802_11.fcs_len = -1;
		break;
	default:
		break;
	}
}

static void fill_record(struct hand *hand)
{
	const struct nexp_dissect_frame *frame = &hand->frame;
	wtap_rec *rec = &hand->rec;
	wtap_packet_header *head = &rec->rec_header.packet_header;

	rec->rec_type = REC_TYPE_PACKET;
	rec->presence_flags = WTAP_HAS_TS | WTAP_HAS_CAP_LEN;
	if (frame->interface)
		rec->presence_flags |= WTAP_HAS_INTERFACE_ID;
	rec->ts.secs = frame->secs;
	rec->ts.nsecs = frame->nsecs;
	rec->tsprec = WTAP_TSPREC_NSEC;
	head->caplen = frame->cap_len;
	head->len = frame->wire_len;
	head->pkt_encap = frame->encap;
	head->interface_id = frame->interface_id;
	fill_pseudo_header(head);
}

static frame_data *add_frame(struct packet_provider_data *provider, struct hand *hand)
{
	frame_data *new = g_new0(frame_data, 1);

	frame_data_init(new, hand->frame.number, &hand->rec, 0, provider->bytes);
	frame_data_set_before_dissect(new, &provider->elapsed, &provider->first,
				      provider->previous);
	g_hash_table_insert(provider->frames, GUINT_TO_POINTER(hand->frame.number), new);
	provider->previous = new;
	return new;
}

static int check(const struct nexp_dissect_frame *frame, char *why)
{
	if (!frame->number) {
		snprintf(why, NEXP_WHY_SIZE, "there is no frame 0");
		return -EINVAL;
	}
	if (frame->cap_len > frame->wire_len || frame->cap_len > WTAP_MAX_PACKET_SIZE_STANDARD) {
		snprintf(why, NEXP_WHY_SIZE, "frame %u has %u bytes of %u; %d are the most",
			 frame->number, frame->cap_len, frame->wire_len,
			 WTAP_MAX_PACKET_SIZE_STANDARD);
		return -EINVAL;
	}
	if (!dissector_get_uint_handle(find_dissector_table("wtap_encap"),
				       (guint32)frame->encap)) {
		snprintf(why, NEXP_WHY_SIZE, "Wireshark has no parser for the link type \"%s\"",
			 wtap_encap_description(frame->encap));
		return -EPFNOSUPPORT;
	}
	return 0;
}

/**
 * nexp_dissector_run() - dissect a frame
 * @dissector: the dissector.
 * @which: takes the frame, and releases the one it had.
 * @frame: copied, but for its bytes and the interface's name.
 * @wants_fields: make the list of nexp_dissector_fields().
 * @filters: those that nexp_dissector_passes() will be asked about.
 * @nr_filters: how many.
 * @why: why not.
 *
 * A frame that the parsers find malformed is no error: its tree says so.
 *
 * Return: 0; -EPFNOSUPPORT if there is no parser for the link type; -EINVAL if the
 * lengths or the number are wrong.
 */
int nexp_dissector_run(struct nexp_dissector *dissector, enum nexp_hand which,
		       const struct nexp_dissect_frame *frame, bool wants_fields,
		       struct epan_dfilter *const *filters, unsigned int nr_filters, char *why)
{
	struct packet_provider_data *provider = &dissector->provider;
	struct hand *hand = &provider->hands[which];
	int err = check(frame, why);
	frame_data *data;
	tvbuff_t *bytes;

	if (err)
		return err;
	nexp_dissector_release(dissector, which);
	hand->frame = *frame;
	fill_record(hand);
	provider->now = hand;
	data = find(provider, frame->number) ?: add_frame(provider, hand);

	epan_dissect_init(&hand->tree, provider->session, wants_fields || nr_filters,
			  wants_fields);
	hand->is_busy = true;
	while (nr_filters--)
		epan_dissect_prime_with_dfilter(&hand->tree, filters[nr_filters]);
	/* Belongs to the tree from here on. */
	bytes = tvb_new_real_data(frame->bytes, frame->cap_len, (gint)frame->wire_len);
	epan_dissect_run(&hand->tree, wtap_pcap_file_type_subtype(), &hand->rec, bytes, data,
			 NULL);
	if (!data->visited)
		frame_data_set_after_dissect(data, &provider->bytes);
	if (wants_fields)
		nexp_fields_list(&hand->fields, &hand->tree);
	return 0;
}

/**
 * nexp_dissector_passes() - whether the frame in hand passes a filter
 * @dissector: the dissector.
 * @which: dissected for @filter.
 * @filter: the filter.
 */
bool nexp_dissector_passes(struct nexp_dissector *dissector, enum nexp_hand which,
			   struct epan_dfilter *filter)
{
	return dfilter_apply_edt(filter, &dissector->provider.hands[which].tree);
}

/**
 * nexp_dissector_fields() - the items of the frame in hand
 * @dissector: the dissector.
 * @which: was asked for them.
 * @out_count: how many.
 *
 * Return: in the order of Wireshark's tree.
 */
const struct nexp_field *nexp_dissector_fields(const struct nexp_dissector *dissector,
					       enum nexp_hand which, uint32_t *out_count)
{
	const struct nexp_fields *fields = &dissector->provider.hands[which].fields;

	*out_count = fields->count;
	return fields->field;
}

/** nexp_dissector_frame() - the frame in hand. */
const struct nexp_dissect_frame *nexp_dissector_frame(const struct nexp_dissector *dissector,
						      enum nexp_hand which)
{
	return &dissector->provider.hands[which].frame;
}

/** nexp_dissector_pool() - memory that goes with the frame in hand. */
wmem_allocator_t *nexp_dissector_pool(const struct nexp_dissector *dissector,
				      enum nexp_hand which)
{
	return dissector->provider.hands[which].tree.pi.pool;
}

/** nexp_dissector_release() - the frame in hand is no longer needed. */
void nexp_dissector_release(struct nexp_dissector *dissector, enum nexp_hand which)
{
	struct hand *hand = &dissector->provider.hands[which];

	if (!hand->is_busy)
		return;
	nexp_fields_clear(&hand->fields);
	epan_dissect_cleanup(&hand->tree);
	wtap_rec_reset(&hand->rec);
	hand->is_busy = false;
}
