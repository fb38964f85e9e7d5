// SPDX-License-Identifier: GPL-2.0
/*
 * ExpertGetFrame with filters in all directions, the user's filter, and searches among
 * the frames that are kept.
 */
#include <pthread.h>

#include "filters.h"

#define NONE	INVALID_FRAME_NUMBER

/* As traffic_all() numbers them, from 0. */
#define FRAME_SYN	1
#define FRAME_REQUEST	5
#define FRAME_DNS	12
#define FRAME_LAST	20

FIXTURE(find) {
	struct filters f;
	HFILTER dns;
};

FIXTURE_SETUP(find)
{
	ASSERT_EQ(0, filters_open(&self->f));
	self->dns = CreateFilterFromText("dns", NULL, 0);
	ASSERT_NE(NULL, self->dns);
}

FIXTURE_TEARDOWN(find)
{
	filters_close(&self->f);
}

static DWORD get(FIXTURE_DATA(find) *self, DWORD direction, DWORD flags, DWORD number,
		 HFILTER filter, EXPERTFRAMEDESCRIPTOR *frame)
{
	return ExpertGetFrame(self->f.u.key, direction, flags, number, filter, frame);
}

/* All of them, one by one; that of the last one. */
static HFRAME take_all(FIXTURE_DATA(find) *self)
{
	EXPERTFRAMEDESCRIPTOR frame = { .FrameNumber = NONE };

	while (!get(self, GET_FRAME_NEXT_FORWARD, 0, frame.FrameNumber, NULL, &frame))
		;
	return frame.hFrame;
}

TEST_F(find, ExpertGetFrame_passes_over_in_both_directions)
{
	EXPERTFRAMEDESCRIPTOR frame, untouched;

	ASSERT_EQ(NMERR_SUCCESS, get(self, GET_FRAME_NEXT_FORWARD, 0, NONE, self->dns, &frame));
	EXPECT_EQ(FRAME_DNS - 1, frame.FrameNumber);
	EXPECT_EQ(NULL, frame.lpPropertyTable);
	/* What was passed over has a number, too. */
	EXPECT_EQ(FRAME_DNS, GetCaptureTotalFrames(self->f.capture));
	ASSERT_EQ(NMERR_SUCCESS, get(self, GET_FRAME_NEXT_FORWARD, FLAGS_ATTACH_PROPERTIES,
				     frame.FrameNumber, self->dns, &frame));
	EXPECT_EQ(FRAME_DNS, frame.FrameNumber);
	EXPECT_NE(NULL, frame.lpPropertyTable);
	EXPECT_EQ(frame.lpRecognizeDataTable, GetFrameRecognizeData(frame.hFrame));
	take_all(self);

	ASSERT_EQ(NMERR_SUCCESS, get(self, GET_FRAME_NEXT_BACKWARD, 0, NONE, self->dns, &frame));
	EXPECT_EQ(FRAME_DNS + 1, frame.FrameNumber);
	ASSERT_EQ(NMERR_SUCCESS, get(self, GET_FRAME_NEXT_BACKWARD, 0, FRAME_DNS, self->dns,
				     &frame));
	EXPECT_EQ(FRAME_DNS - 1, frame.FrameNumber);
	untouched = frame;
	EXPECT_EQ(NMERR_OUT_OF_RANGE, get(self, GET_FRAME_NEXT_BACKWARD, 0, FRAME_DNS - 1,
					  self->dns, &frame));
	EXPECT_EQ(NMERR_FRAME_FAILED_FILTER, get(self, GET_SPECIFIED_FRAME, 0, FRAME_SYN,
						 self->dns, &frame));
	EXPECT_EQ(NMERR_FRAME_FAILED_FILTER, get(self, GET_SPECIFIED_FRAME,
						 FLAGS_ATTACH_PROPERTIES, FRAME_SYN, self->dns,
						 &frame));
	EXPECT_EQ(0, memcmp(&untouched, &frame, sizeof(frame)));
	EXPECT_EQ(NMERR_SUCCESS, get(self, GET_SPECIFIED_FRAME, 0, FRAME_DNS, self->dns, &frame));
	EXPECT_EQ(FRAME_DNS, frame.FrameNumber);
}

/* A scan that is told of silence goes on where it was, and is told of it though frames come. */
TEST_F(find, a_timeout_is_the_call_s_and_nothing_is_looked_at_twice)
{
	HFILTER none = CreateFilterFromText("frame.number > 100", NULL, 0);
	const struct nexp_key *key = nexp_key_find(self->f.u.key);
	EXPERTFRAMEDESCRIPTOR frame;
	uint64_t begin = unit_now_ns();

	nexp_reader_limit(self->f.u.unit.nx, 100);
	EXPECT_EQ(NMERR_TIMEOUT, get(self, GET_FRAME_NEXT_FORWARD, FLAGS_LIVE_TIMEOUT, NONE, none,
				     &frame));
	EXPECT_LE(900000000ULL, unit_now_ns() - begin);
	EXPECT_EQ(FRAME_LAST + 1, GetCaptureTotalFrames(self->f.capture));
	EXPECT_EQ(0, key->passed_over.from);
	EXPECT_EQ(FRAME_LAST + 1, key->passed_over.to);
	EXPECT_EQ(NMERR_TIMEOUT, get(self, GET_FRAME_NEXT_FORWARD, FLAGS_LIVE_TIMEOUT, NONE, none,
				     &frame));
	EXPECT_EQ(0, key->passed_over.from);

	/* Somewhere else, or by another filter, that says nothing. */
	FilterFlushBits(none);
	EXPECT_EQ(NMERR_TIMEOUT, get(self, GET_FRAME_NEXT_FORWARD, FLAGS_LIVE_TIMEOUT, 7, none,
				     &frame));
	EXPECT_EQ(8, key->passed_over.from);
	ASSERT_EQ(NMERR_SUCCESS, get(self, GET_FRAME_NEXT_FORWARD, FLAGS_LIVE_TIMEOUT, 7,
				     self->dns, &frame));
	EXPECT_EQ(FRAME_DNS - 1, frame.FrameNumber);
	ASSERT_EQ(NMERR_SUCCESS, get(self, GET_FRAME_NEXT_FORWARD, FLAGS_LIVE_TIMEOUT, 7, NULL,
				     &frame));
	EXPECT_EQ(8, frame.FrameNumber);
}

static void *terminate_soon(void *find)
{
	FIXTURE_DATA(find) *self = find;

	/* Not before the scan waits: it has all of them then. */
	while (__atomic_load_n(&nexp_key_find(self->f.u.key)->frames.count, __ATOMIC_RELAXED) <=
	       FRAME_LAST)
		sched_yield();
	nexp_memfd_terminate(self->f.u.unit.pool);
	return NULL;
}

TEST_F(find, terminate_ends_a_scan_that_finds_nothing)
{
	HFILTER none = CreateFilterFromText("frame.number > 100", NULL, 0);
	EXPERTFRAMEDESCRIPTOR frame;
	pthread_t thread;

	nexp_reader_limit(self->f.u.unit.nx, 100);
	ASSERT_EQ(0, pthread_create(&thread, NULL, terminate_soon, self));
	EXPECT_EQ(NMERR_EXPERT_TERMINATE, get(self, GET_FRAME_NEXT_FORWARD, 0, NONE, none,
					      &frame));
	pthread_join(thread, NULL);
	EXPECT_EQ(FILTER_CANCELED, FilterFindFrame(none, self->f.capture, NONE, NULL, NULL, 0,
						   FILTER_DIRECTION_NEXT));
	EXPECT_EQ(NMERR_EXPERT_TERMINATE, BhGetLastError());
}

TEST_F(find, FLAGS_DEFER_TO_UI_FILTER_is_about_the_user_s_filter)
{
	char why[NEXP_WHY_SIZE] = "", numbers[512], wanted[512];
	FILTEROBJECT object = { .Action = FILTERACTION_NOT };
	HFILTER twin;

	EXPECT_EQ(NULL, GetCurrentFilter());
	EXPECT_EQ(NMERR_FILTER_INVALID_EXPRESSION,
		  nexp_key_filter(self->f.u.key, "tcp &&", why));
	EXPECT_NE(NULL, strstr(why, "\"tcp &&\""));
	EXPECT_EQ(NULL, GetCurrentFilter());
	ASSERT_EQ(NMERR_SUCCESS, nexp_key_filter(self->f.u.key, "ip.src == 10.0.0.1", why));
	ASSERT_NE(NULL, GetCurrentFilter());

	/* First the user's, then the expert's. */
	EXPECT_EQ(FILTERS_END, filters_scan(&self->f, GET_FRAME_NEXT_FORWARD,
					    FLAGS_DEFER_TO_UI_FILTER, self->dns, numbers));
	EXPECT_STREQ("12 ", numbers);
	EXPECT_EQ(FILTERS_END, filters_scan(&self->f, GET_FRAME_NEXT_FORWARD, 0, self->dns,
					    numbers));
	EXPECT_STREQ("12 13 14 ", numbers);
	EXPECT_EQ(FILTERS_END, filters_scan(&self->f, GET_FRAME_NEXT_FORWARD,
					    FLAGS_DEFER_TO_UI_FILTER, NULL, numbers));
	EXPECT_EQ(FILTERS_END, filters_scan(&self->f, GET_FRAME_NEXT_FORWARD, 0,
					    GetCurrentFilter(), wanted));
	EXPECT_STREQ(wanted, numbers);
	EXPECT_LT(5, strlen(numbers));
	EXPECT_EQ(NMERR_OUT_OF_RANGE, filters_scan(&self->f, GET_FRAME_NEXT_BACKWARD,
						   FLAGS_DEFER_TO_UI_FILTER, self->dns, numbers));
	EXPECT_STREQ("12 ", numbers);

	/* It is the user's. */
	EXPECT_EQ(NMERR_ACCESS_DENIED, FilterAddObject(GetCurrentFilter(), &object));
	EXPECT_EQ(NMERR_ACCESS_DENIED, DestroyFilter(GetCurrentFilter()));
	SetCurrentFilter(self->dns);
	EXPECT_NE(self->dns, GetCurrentFilter());
	twin = FilterDuplicate(GetCurrentFilter());
	EXPECT_EQ(NMERR_SUCCESS, FilterAddObject(twin, &object));
	EXPECT_EQ(NMERR_SUCCESS, DestroyFilter(twin));
}

TEST_F(find, FilterFrame_leaves_what_is_attached)
{
	HPROPERTY host = GetProperty(GetProtocolFromName((LPSTR)"http"), (LPSTR)"http.host");
	HFILTER request = CreateFilterFromText("http.request", NULL, 0);
	EXPERTFRAMEDESCRIPTOR frame = { .FrameNumber = NONE };
	HCAPTURE capture = self->f.capture;
	LPPROPERTYINST inst;
	HFRAME old;

	do {
		ASSERT_EQ(NMERR_SUCCESS, get(self, GET_FRAME_NEXT_FORWARD, FLAGS_ATTACH_PROPERTIES,
					     frame.FrameNumber, NULL, &frame));
	} while (frame.FrameNumber < FRAME_REQUEST);
	old = GetFrame(capture, FRAME_SYN);
	inst = FindPropertyInstance(frame.hFrame, host);
	ASSERT_NE(NULL, inst);
	EXPECT_EQ(FILTER_PASSED, FilterFrame(frame.hFrame, request, capture));
	EXPECT_EQ(FILTER_FAILED, FilterFrame(frame.hFrame, self->dns, capture));
	EXPECT_EQ(FILTER_FAILED, FilterFrame(old, request, capture));
	EXPECT_EQ(inst, FindPropertyInstance(frame.hFrame, host));
	EXPECT_EQ(0, memcmp("example.org", inst->lpPropertyInstEx->Byte, 11));

	EXPECT_EQ((DWORD)FILTER_FAIL_WITH_ERROR, FilterFrame(frame.hFrame, request, NULL));
	EXPECT_EQ(NMERR_INVALID_HCAPTURE, BhGetLastError());
	EXPECT_EQ((DWORD)FILTER_FAIL_WITH_ERROR, FilterFrame(NULL, request, capture));
	EXPECT_EQ(NMERR_INVALID_HFRAME, BhGetLastError());
	EXPECT_EQ(NMERR_TIMEOUT, BhSetLastError(NMERR_TIMEOUT));
	EXPECT_EQ(FILTER_PASSED, FilterFrame(frame.hFrame, request, capture));
	EXPECT_EQ(NMERR_TIMEOUT, BhGetLastError());
}

/* What FilterFindFrame() told. */
struct told {
	unsigned int calls;
	unsigned int patience;
	DWORD number;
	HCAPTURE capture;
	HFILTER filter;
};

static BOOL WINAPI note(DWORD number, HCAPTURE capture, HFILTER filter, LPVOID instance)
{
	struct told *told = instance;

	told->calls++;
	told->number = number;
	told->capture = capture;
	told->filter = filter;
	/* Nothing is locked meanwhile. */
	return GetCaptureTotalFrames(capture) && told->patience-- > 0;
}

TEST_F(find, FilterFindFrame_finds_what_is_kept)
{
	HFILTER none = CreateFilterFromText("frame.number > 100", NULL, 0);
	HCAPTURE capture = self->f.capture;
	struct told told = { .patience = 3 };

	take_all(self);
	EXPECT_EQ(FRAME_DNS - 1, FilterFindFrame(self->dns, capture, NONE, NULL, NULL, 0,
						 FILTER_DIRECTION_NEXT));
	EXPECT_EQ(FRAME_DNS, FilterFindFrame(self->dns, capture, FRAME_DNS - 1, NULL, NULL, 0,
					     FILTER_DIRECTION_NEXT));
	EXPECT_EQ(FRAME_DNS + 1, FilterFindFrame(self->dns, capture, NONE, NULL, NULL, 0,
						 FILTER_DIRECTION_PREV));
	EXPECT_EQ(FRAME_DNS + 1, FilterFindFrame(self->dns, capture, FRAME_LAST + 1, NULL, NULL, 0,
						 FILTER_DIRECTION_PREV));
	BhSetLastError(NMERR_SUCCESS);
	EXPECT_EQ(FILTER_NO_MORE_FRAMES, FilterFindFrame(self->dns, capture, FRAME_DNS + 1, NULL,
							 NULL, 0, FILTER_DIRECTION_NEXT));
	EXPECT_EQ(NMERR_NO_MORE_FRAMES, BhGetLastError());
	EXPECT_EQ(FILTER_NO_MORE_FRAMES, FilterFindFrame(self->dns, capture, FRAME_DNS - 1, NULL,
							 NULL, 0, FILTER_DIRECTION_PREV));
	EXPECT_EQ(FILTER_NO_MORE_FRAMES, FilterFindFrame(self->dns, capture, 12345, NULL, NULL, 0,
							 FILTER_DIRECTION_PREV));
	EXPECT_EQ(NMERR_OUT_OF_RANGE, BhGetLastError());
	EXPECT_EQ(FILTER_NO_MORE_FRAMES, FilterFindFrame(self->dns, (HCAPTURE)self, NONE, NULL,
							 NULL, 0, FILTER_DIRECTION_NEXT));
	EXPECT_EQ(NMERR_INVALID_HCAPTURE, BhGetLastError());

	EXPECT_EQ(FILTER_CANCELED, FilterFindFrame(none, capture, NONE, note, &told, 0,
						   FILTER_DIRECTION_NEXT));
	EXPECT_EQ(4, told.calls);
	EXPECT_EQ(3, told.number);
	EXPECT_EQ(capture, told.capture);
	EXPECT_EQ(none, told.filter);
	/* Whoever wants to hear of it once a day does not hear of it. */
	told = (struct told) { 0 };
	EXPECT_EQ(FILTER_NO_MORE_FRAMES, FilterFindFrame(none, capture, NONE, note, &told,
							 86400000, FILTER_DIRECTION_NEXT));
	EXPECT_EQ(0, told.calls);
}

/* {ip.addr}{10.0.0.1}{EQUAL} */
static HFILTER client_s_address(struct __test_metadata *_metadata)
{
	ADDRESS2 client = { .Type = ADDRESS_TYPE_IP, .IPAddress = { 10, 0, 0, 1 } };
	FILTEROBJECT objects[] = {
		{ .Action = FILTERACTION_PROPERTY,
		  .hProperty = GetProperty(GetProtocolFromName((LPSTR)"ip"), (LPSTR)"ip.addr") },
		{ .Action = FILTERACTION_ADDRESS, .lpAddress = &client },
		{ .Action = FILTERACTION_EQUAL },
	};
	HFILTER filter = CreateFilter();
	unsigned int i;

	for (i = 0; i < 3; i++)
		EXPECT_EQ(NMERR_SUCCESS, FilterAddObject(filter, &objects[i]));
	return filter;
}

static void walk(struct __test_metadata *_metadata, FIXTURE_DATA(find) *self, HFRAME frame,
		 HFILTER filter, BOOL forward, char *numbers)
{
	LPPROPERTYINST inst = NULL;
	char text[240];

	*numbers = 0;
	while ((frame = FilterFindPropertyInstance(frame, self->dns, self->f.capture, filter, &inst,
						   NULL, NULL, 0, forward))) {
		ASSERT_NE(NULL, inst);
		ASSERT_NE(NULL, GetPropertyText(frame, inst, text, sizeof(text)));
		EXPECT_NE(NULL, strstr(text, "10.0.0.1"));
		sprintf(numbers + strlen(numbers), "%u ", GetFrameNumber(frame));
	}
	EXPECT_EQ(NULL, inst);
	EXPECT_EQ(NMERR_NO_MORE_FRAMES, BhGetLastError());
}

TEST_F(find, FilterFindPropertyInstance_finds_one_after_the_other)
{
	HFILTER filter = client_s_address(_metadata), empty = CreateFilter();
	LPPROPERTYINST inst = NULL;
	HCAPTURE capture = self->f.capture;
	struct told told = { 0 };
	HFRAME frame, last = take_all(self), first = GetFrame(capture, 0);
	char numbers[512];

	walk(_metadata, self, first, filter, TRUE, numbers);
	EXPECT_STREQ("11 12 13 ", numbers);
	walk(_metadata, self, last, filter, FALSE, numbers);
	EXPECT_STREQ("13 12 11 ", numbers);
	/* Begins with the frame itself. */
	walk(_metadata, self, GetFrame(capture, FRAME_DNS), filter, TRUE, numbers);
	EXPECT_STREQ("12 13 ", numbers);

	frame = FilterFindPropertyInstance(first, NULL, capture, filter, &inst, note, &told, 0,
					   TRUE);
	EXPECT_EQ(NULL, frame);
	EXPECT_EQ(NMERR_SUCCESS, BhGetLastError());
	EXPECT_EQ(1, told.calls);
	EXPECT_EQ(NULL, FilterFindPropertyInstance(first, NULL, capture, filter, NULL, NULL, NULL,
						   0, TRUE));
	EXPECT_EQ(NMERR_INVALID_PARAMETER, BhGetLastError());
	/* No instance, and one of a frame that is not attached any more. */
	inst = (LPPROPERTYINST)self;
	EXPECT_EQ(NULL, FilterFindPropertyInstance(first, NULL, capture, filter, &inst, NULL, NULL,
						   0, TRUE));
	EXPECT_EQ(NMERR_INVALID_PARAMETER, BhGetLastError());
	inst = NULL;
	frame = FilterFindPropertyInstance(first, NULL, capture, filter, &inst, NULL, NULL, 0,
					   TRUE);
	EXPECT_EQ(FRAME_SYN, GetFrameNumber(frame));
	inst = (LPPROPERTYINST)((char *)inst + 1);
	EXPECT_EQ(NULL, FilterFindPropertyInstance(frame, NULL, capture, filter, &inst, NULL, NULL,
						   0, TRUE));
	EXPECT_EQ(NMERR_INVALID_PARAMETER, BhGetLastError());
	/* These say nothing of one instance. */
	EXPECT_EQ(NULL, FilterFindPropertyInstance(first, NULL, capture, self->dns, &inst, NULL,
						   NULL, 0, TRUE));
	EXPECT_EQ(NMERR_FILTER_INVALID_EXPRESSION, BhGetLastError());
	EXPECT_EQ(NULL, FilterFindPropertyInstance(first, NULL, capture, empty, &inst, NULL, NULL,
						   0, TRUE));
	EXPECT_EQ(NMERR_FILTER_INVALID_EXPRESSION, BhGetLastError());
	EXPECT_EQ(NULL, FilterFindPropertyInstance(first, NULL, NULL, filter, &inst, NULL, NULL, 0,
						   TRUE));
	EXPECT_EQ(NMERR_INVALID_HCAPTURE, BhGetLastError());
}

TEST_F(find, FindNextFrame_and_FindPreviousFrame_find_neighbours)
{
	ADDRESS2 client = { .Type = ADDRESS_TYPE_IP, .IPAddress = { 10, 0, 0, 1 } };
	HFRAME last = take_all(self), first = GetFrame(self->f.capture, 0), found;
	LPSTR dns = (LPSTR)"DNS", http = (LPSTR)"http";
	WORD offset = 4711;

	found = FindNextFrame(first, dns, NULL, NULL, &offset, 0, NONE);
	EXPECT_EQ(FRAME_DNS - 1, GetFrameNumber(found));
	EXPECT_EQ(42, offset);
	found = FindNextFrame(first, dns, &client, NULL, NULL, 0, NONE);
	EXPECT_EQ(FRAME_DNS, GetFrameNumber(found));
	found = FindPreviousFrame(last, dns, NULL, &client, &offset, FRAME_LAST, 0);
	EXPECT_EQ(FRAME_DNS - 1, GetFrameNumber(found));
	/* Of a message in several frames, and cut at 15 characters or not. */
	found = FindPreviousFrame(last, http, NULL, NULL, &offset, FRAME_LAST, 0);
	EXPECT_EQ(9, GetFrameNumber(found));
	EXPECT_EQ(PROTOCOL_ELSEWHERE, offset);

	offset = 4711;
	EXPECT_EQ(NULL, FindNextFrame(first, dns, NULL, NULL, &offset, 0, FRAME_DNS - 2));
	EXPECT_EQ(NMERR_FRAME_NOT_FOUND, BhGetLastError());
	EXPECT_EQ(NULL, FindPreviousFrame(last, dns, NULL, NULL, &offset, 0, FRAME_DNS + 2));
	EXPECT_EQ(NMERR_FRAME_NOT_FOUND, BhGetLastError());
	EXPECT_EQ(NULL, FindNextFrame(last, dns, NULL, NULL, &offset, 0, NONE));
	EXPECT_EQ(NMERR_FRAME_NOT_FOUND, BhGetLastError());
	EXPECT_EQ(NULL, FindNextFrame(first, (LPSTR)"none", NULL, NULL, &offset, 0, NONE));
	EXPECT_EQ(NMERR_PROTOCOL_NOT_FOUND, BhGetLastError());
	EXPECT_EQ(NULL, FindNextFrame(first, NULL, NULL, NULL, &offset, 0, NONE));
	EXPECT_EQ(NMERR_PROTOCOL_NOT_FOUND, BhGetLastError());
	EXPECT_EQ(NULL, FindNextFrame(first, dns, NULL, NULL, &offset, NONE, NONE));
	EXPECT_EQ(NMERR_OUT_OF_RANGE, BhGetLastError());
	EXPECT_EQ(NULL, FindNextFrame((HFRAME)self, dns, NULL, NULL, &offset, 0, NONE));
	EXPECT_EQ(NMERR_INVALID_HFRAME, BhGetLastError());
	EXPECT_EQ(4711, offset);
}

/* More frames than a search may see, the first of them from 10.0.0.7. */
FIXTURE(far) {
	struct filters f;
};

FIXTURE_SETUP(far)
{
	struct netexpert_record head = {
		.link_type = ARPHRD_NONE, .wire_len = 20, .cap_len = 20,
	};
	uint8_t frame[20] = { 0x45, [3] = 20, [9] = 59, [12] = 10, [15] = 7 };
	EXPERTFRAMEDESCRIPTOR got = { .FrameNumber = NONE };
	unsigned int i;

	ASSERT_EQ(0, filters_open_with(&self->f, 1 << 20, 512 << 10));
	while (!ExpertGetFrame(self->f.u.key, GET_FRAME_NEXT_FORWARD, 0, got.FrameNumber, NULL,
			       &got))
		;
	nexp_reader_limit(self->f.u.unit.nx, FILTER_MAX_LOOK + 2);
	for (i = 0; i < FILTER_MAX_LOOK + 2; i++) {
		head.time_ns = self->f.u.unit.nx->info.created_ns + i;
		ASSERT_EQ(0, nexp_memfd_deliver(self->f.u.unit.pool, 0, &head, frame));
		ASSERT_EQ(NMERR_SUCCESS, ExpertGetFrame(self->f.u.key, GET_FRAME_NEXT_FORWARD, 0,
							got.FrameNumber, NULL, &got));
		frame[15] = 8;
	}
}

FIXTURE_TEARDOWN(far)
{
	filters_close(&self->f);
}

TEST_F(far, FindPreviousFrame_looks_back_so_far_and_no_further)
{
	ADDRESS2 seven = { .Type = ADDRESS_TYPE_IP, .IPAddress = { 10, 0, 0, 7 } };
	HCAPTURE capture = self->f.capture;
	DWORD first = FRAME_LAST + 1;
	HFRAME last = GetFrame(capture, first + FILTER_MAX_LOOK + 1);
	HFRAME found;
	LPSTR ip = (LPSTR)"ip";

	ASSERT_NE(NULL, last);
	found = FindPreviousFrame(last, ip, NULL, &seven, NULL, first + FILTER_MAX_LOOK, 0);
	EXPECT_EQ(first, GetFrameNumber(found));
	EXPECT_EQ(NULL, FindPreviousFrame(last, ip, NULL, &seven, NULL,
					  first + FILTER_MAX_LOOK + 1, 0));
	EXPECT_EQ(NMERR_FRAME_NOT_FOUND, BhGetLastError());
}

TEST_HARNESS_MAIN
