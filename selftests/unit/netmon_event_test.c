// SPDX-License-Identifier: GPL-2.0
/*
 * ExpertIndicateStatus and ExpertSubmitEvent: what arrives at the supervisor,
 * every answer, and a supervisor that does not read or is gone.
 */
#include <pthread.h>

#include "key.h"

#define SEC	1000000000ULL

FIXTURE(event) {
	struct unit_key u;
	struct unit_message m;
	HEXPERTKEY key;
	NMEVENTDATA *event;
};

FIXTURE_SETUP(event)
{
	ASSERT_EQ(0, unit_key_open(&self->u, 0, 0));
	self->key = self->u.key;
	self->event = calloc(1, sizeof(NMEVENTDATA) + 255 * sizeof(NMCOLUMNINFO));
	ASSERT_NE(NULL, self->event);
}

FIXTURE_TEARDOWN(event)
{
	free(self->event);
	unit_key_close(&self->u);
}

static DWORD status(HEXPERTKEY key, int value, const char *text, LONG percent)
{
	return ExpertIndicateStatus(key, (EXPERTSTATUSENUMERATION)value, 5, text,
				    percent);
}

TEST_F(event, status_arrives)
{
	const struct nexp_status *s = &self->m.message.status;
	EXPERTFRAMEDESCRIPTOR frame;

	ASSERT_EQ(NMERR_SUCCESS, status(self->key, EXPERTSTATUS_RUNNING, "hi", 42));
	ASSERT_EQ(0, unit_hear(&self->u, &self->m, 0));
	ASSERT_EQ(NEXP_WIRE_STATUS, self->m.message.type);
	EXPECT_EQ(EXPERTSTATUS_RUNNING, s->status);
	EXPECT_EQ(5, s->substatus);
	EXPECT_EQ(42, s->percent);
	EXPECT_EQ(INVALID_FRAME_NUMBER, s->frame);
	EXPECT_TRUE(unit_text_is(&s->text, "hi"));

	unit_deliver(&self->u.unit, 0, 1, "x", 1);
	ExpertGetFrame(self->key, GET_FRAME_NEXT_FORWARD, 0, INVALID_FRAME_NUMBER,
		       NULL, &frame);
	ASSERT_EQ(NMERR_SUCCESS, status(self->key, EXPERTSTATUS_DONE, NULL, 99));
	ASSERT_EQ(0, unit_hear(&self->u, &self->m, 0));
	EXPECT_EQ(99, s->percent);
	EXPECT_EQ(0, s->frame);
	EXPECT_TRUE(unit_text_is(&s->text, NULL));
}

TEST_F(event, percentages_out_of_range_drop_the_number_only)
{
	static const struct { LONG said; int heard; } pairs[] = {
		{ 0, 0 }, { 100, -1 }, { INT32_MAX, -1 }, { -1, 0 },
		{ INT32_MIN, 0 },
	};
	size_t i;

	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		EXPECT_EQ(NMERR_SUCCESS, status(self->key, EXPERTSTATUS_RUNNING,
						"", pairs[i].said));
		ASSERT_EQ(0, unit_hear(&self->u, &self->m, 0));
		EXPECT_EQ(pairs[i].heard, self->m.message.status.percent);
	}
}

TEST_F(event, long_status_texts_are_cut)
{
	char text[400];

	memset(text, 'x', sizeof(text));
	text[399] = '\0';
	EXPECT_EQ(NMERR_SUCCESS, status(self->key, EXPERTSTATUS_PROBLEM, text, 0));
	ASSERT_EQ(0, unit_hear(&self->u, &self->m, 0));
	EXPECT_EQ(259, self->m.message.status.text.length);
	EXPECT_EQ(259, strlen(nexp_key_problem(self->key)));
}

TEST_F(event, unknown_states_are_refused)
{
	EXPECT_EQ(NMERR_INVALID_PARAMETER, status(self->key, 6, "", 0));
	EXPECT_EQ(NMERR_INVALID_PARAMETER, status(self->key, -1, "", 0));
	EXPECT_EQ(-EAGAIN, unit_hear(&self->u, &self->m, 0));
}

TEST_F(event, the_last_problem_is_remembered)
{
	EXPECT_STREQ("", nexp_key_problem(self->key));
	status(self->key, EXPERTSTATUS_PROBLEM, "first", 0);
	status(self->key, EXPERTSTATUS_PROBLEM, "second", 0);
	status(self->key, EXPERTSTATUS_RUNNING, "not this", 0);
	EXPECT_STREQ("second", nexp_key_problem(self->key));
}

static NMCOLUMNVARIANT *add_column(NMEVENTDATA *event, const char *name,
				   NMCOLUMNTYPE type)
{
	NMCOLUMNINFO *column = &event->Column[event->NumColumns++];

	column->szColumnName = (LPSTR)name;
	column->VariantData.Type = type;
	return &column->VariantData;
}

TEST_F(event, every_type_of_column_arrives)
{
	static const uint8_t mac[6] = { 1, 2, 3, 4, 5, 6 };
	static const uint8_t ip[4] = { 192, 0, 2, 1 };
	const IPX_ADDR ipx = { { 1, 2, 3, 4 }, { 5, 6, 7, 8, 9, 10 } };
	const struct nexp_event *e = &self->m.message.event;
	NMEVENTDATA *event = self->event;

	add_column(event, "a", NMCOLUMNTYPE_UINT8)->Value.Uint8Val = 255;
	add_column(event, "b", NMCOLUMNTYPE_SINT8)->Value.Sint8Val = -128;
	add_column(event, "c", NMCOLUMNTYPE_UINT16)->Value.Uint16Val = 65535;
	add_column(event, "d", NMCOLUMNTYPE_SINT16)->Value.Sint16Val = -2;
	add_column(event, "e", NMCOLUMNTYPE_UINT32)->Value.Uint32Val = UINT32_MAX;
	add_column(event, "f", NMCOLUMNTYPE_SINT32)->Value.Sint32Val = INT32_MIN;
	add_column(event, "g", NMCOLUMNTYPE_FLOAT64)->Value.Float64Val = -1.5;
	add_column(event, "h", NMCOLUMNTYPE_FRAME)->Value.FrameVal = 7;
	add_column(event, "i", NMCOLUMNTYPE_YESNO)->Value.YesNoVal = TRUE;
	add_column(event, "j", NMCOLUMNTYPE_ONOFF)->Value.OnOffVal = FALSE;
	add_column(event, "k", NMCOLUMNTYPE_TRUEFALSE)->Value.TrueFalseVal = 2;
	memcpy(add_column(event, "l", NMCOLUMNTYPE_MACADDR)->Value.MACAddrVal, mac, 6);
	add_column(event, "m", NMCOLUMNTYPE_IPXADDR)->Value.IPXAddrVal = ipx;
	memcpy(&add_column(event, "n", NMCOLUMNTYPE_IPADDR)->Value.IPAddrVal, ip, 4);
	add_column(event, "o", NMCOLUMNTYPE_VARTIME)->Value.VarTimeVal = 2.25;
	add_column(event, "p", NMCOLUMNTYPE_STRING)->Value.pStringVal = "text";
	add_column(event, NULL, NMCOLUMNTYPE_STRING)->Value.pStringVal = NULL;

	ASSERT_EQ(NMERR_SUCCESS, ExpertSubmitEvent(self->key, event));
	ASSERT_EQ(0, unit_hear(&self->u, &self->m, 0));
	ASSERT_EQ(NEXP_WIRE_EVENT, self->m.message.type);
	ASSERT_EQ(17, e->nr_columns);
	EXPECT_EQ(255, e->columns[0].number);
	EXPECT_EQ(-128, (int64_t)e->columns[1].number);
	EXPECT_EQ(65535, e->columns[2].number);
	EXPECT_EQ(-2, (int64_t)e->columns[3].number);
	EXPECT_EQ(UINT32_MAX, e->columns[4].number);
	EXPECT_EQ(INT32_MIN, (int64_t)e->columns[5].number);
	EXPECT_EQ(-1.5, e->columns[6].real);
	EXPECT_EQ(7, e->columns[7].number);
	EXPECT_EQ(1, e->columns[8].number);
	EXPECT_EQ(0, e->columns[9].number);
	EXPECT_EQ(2, e->columns[10].number);
	EXPECT_EQ(0, memcmp(mac, e->columns[11].address, 6));
	EXPECT_EQ(0, memcmp(&ipx, e->columns[12].address, 10));
	EXPECT_EQ(0, memcmp(ip, e->columns[13].address, 4));
	EXPECT_EQ(2.25, e->columns[14].real);
	EXPECT_TRUE(unit_text_is(&e->columns[15].text, "text"));
	EXPECT_TRUE(unit_text_is(&e->columns[15].name, "p"));
	EXPECT_TRUE(unit_text_is(&e->columns[16].text, NULL));
	EXPECT_TRUE(unit_text_is(&e->columns[16].name, NULL));
}

TEST_F(event, an_event_is_copied_during_the_call)
{
	const struct nexp_event *e = &self->m.message.event;
	char source[] = "source", value[] = "value", caption[] = "caption";
	NMEVENTDATA *event = self->event;

	event->EventIdent = 77;
	event->Flags = NMEVENTFLAG_EXPERT;
	event->Severity = NMEVENT_SEVERITY_WARNING;
	event->szSourceName = source;
	event->szEventName = (LPSTR)"event";
	event->szMachine = (LPSTR)"machine";
	event->Justification = (LPSTR)"why";
	event->SysTime = (SYSTEMTIME) { 1, 2, 3, 4, 5, 6, 7, 8 };
	add_column(event, caption, NMCOLUMNTYPE_STRING)->Value.pStringVal = value;
	ASSERT_EQ(NMERR_SUCCESS, ExpertSubmitEvent(self->key, event));
	memset(source, 'X', sizeof(source));
	memset(value, 'X', sizeof(value));
	memset(caption, 'X', sizeof(caption));
	memset(event, 0xff, sizeof(*event));

	ASSERT_EQ(0, unit_hear(&self->u, &self->m, 0));
	EXPECT_EQ(77, e->ident);
	EXPECT_EQ(NMEVENTFLAG_EXPERT, e->flags);
	EXPECT_EQ(NMEVENT_SEVERITY_WARNING, e->severity);
	EXPECT_TRUE(unit_text_is(&e->source, "source"));
	EXPECT_TRUE(unit_text_is(&e->name, "event"));
	EXPECT_TRUE(unit_text_is(&e->description, NULL));
	EXPECT_TRUE(unit_text_is(&e->machine, "machine"));
	EXPECT_TRUE(unit_text_is(&e->justification, "why"));
	EXPECT_EQ(1, e->time[0]);
	EXPECT_EQ(8, e->time[7]);
	EXPECT_TRUE(unit_text_is(&e->columns[0].text, "value"));
	EXPECT_TRUE(unit_text_is(&e->columns[0].name, "caption"));
}

TEST_F(event, columns_may_change_and_be_many)
{
	unsigned int i;

	for (i = 0; i < 255; i++)
		add_column(self->event, "column", NMCOLUMNTYPE_UINT32);
	ASSERT_EQ(NMERR_SUCCESS, ExpertSubmitEvent(self->key, self->event));
	ASSERT_EQ(0, unit_hear(&self->u, &self->m, 0));
	EXPECT_EQ(255, self->m.message.event.nr_columns);
	self->event->NumColumns = 0;
	ASSERT_EQ(NMERR_SUCCESS, ExpertSubmitEvent(self->key, self->event));
	ASSERT_EQ(0, unit_hear(&self->u, &self->m, 0));
	EXPECT_EQ(0, self->m.message.event.nr_columns);
}

TEST_F(event, bad_events_are_refused)
{
	static char text[40000];
	NMEVENTDATA *event = self->event;

	EXPECT_EQ(NMERR_INVALID_PARAMETER, ExpertSubmitEvent(self->key, NULL));
	event->Version = 1;
	EXPECT_EQ(NMERR_BAD_VERSION, ExpertSubmitEvent(self->key, event));
	event->Version = 0;
	add_column(event, "x", (NMCOLUMNTYPE)16);
	EXPECT_EQ(NMERR_INVALID_PARAMETER, ExpertSubmitEvent(self->key, event));
	event->Column[0].VariantData.Type = (NMCOLUMNTYPE)-1;
	EXPECT_EQ(NMERR_INVALID_PARAMETER, ExpertSubmitEvent(self->key, event));

	event->NumColumns = 0;
	memset(text, 'x', sizeof(text) - 1);
	event->szDescription = text;
	EXPECT_EQ(NMERR_SUCCESS, ExpertSubmitEvent(self->key, event));
	event->Justification = text;
	EXPECT_EQ(NMERR_BUFFER_TOO_SMALL, ExpertSubmitEvent(self->key, event));

	/* Only the good one arrived. */
	ASSERT_EQ(0, unit_hear(&self->u, &self->m, 0));
	EXPECT_EQ(39999, self->m.message.event.description.length);
	EXPECT_EQ(-EAGAIN, unit_hear(&self->u, &self->m, 0));
}

TEST_F(event, the_last_word_is_delivered)
{
	nexp_memfd_terminate(self->u.unit.pool);
	EXPECT_EQ(NMERR_EXPERT_TERMINATE,
		  ExpertSubmitEvent(self->key, self->event));
	EXPECT_EQ(NMERR_EXPERT_TERMINATE,
		  status(self->key, EXPERTSTATUS_DONE, "bye", 0));
	ASSERT_EQ(0, unit_hear(&self->u, &self->m, 0));
	EXPECT_EQ(NEXP_WIRE_EVENT, self->m.message.type);
	ASSERT_EQ(0, unit_hear(&self->u, &self->m, 0));
	EXPECT_TRUE(unit_text_is(&self->m.message.status.text, "bye"));
}

TEST_F(event, a_supervisor_that_is_gone_ends_the_expert)
{
	EXPERTFRAMEDESCRIPTOR frame;

	close(self->u.ours);
	self->u.ours = -1;
	EXPECT_EQ(NMERR_EXPERT_TERMINATE,
		  ExpertSubmitEvent(self->key, self->event));
	EXPECT_EQ(NMERR_EXPERT_TERMINATE,
		  status(self->key, EXPERTSTATUS_RUNNING, NULL, 0));
	EXPECT_EQ(NMERR_EXPERT_TERMINATE,
		  ExpertGetFrame(self->key, GET_FRAME_NEXT_FORWARD, 0,
				 INVALID_FRAME_NUMBER, NULL, &frame));
	EXPECT_TRUE(nexp_link_is_gone(self->u.link));
}

/* Says how many events went out before the answer was not success. */
struct talker {
	struct unit_key *u;
	NMEVENTDATA *event;
	unsigned int nr;
	unsigned int sent;
	DWORD answer;
};

static void *talk(void *arg)
{
	struct talker *talker = arg;

	talker->answer = NMERR_SUCCESS;
	while (talker->answer == NMERR_SUCCESS &&
	       __atomic_load_n(&talker->sent, __ATOMIC_RELAXED) < talker->nr) {
		talker->answer = ExpertSubmitEvent(talker->u->key, talker->event);
		__atomic_add_fetch(&talker->sent, 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

/* The talker stands still when its count does not change for a while. */
static void wait_until_stuck(struct talker *talker)
{
	unsigned int sent;

	do {
		sent = __atomic_load_n(&talker->sent, __ATOMIC_RELAXED);
		usleep(100000);
	} while (!sent || sent != __atomic_load_n(&talker->sent, __ATOMIC_RELAXED));
}

TEST_F(event, a_full_socket_holds_the_expert_up_and_loses_nothing)
{
	struct talker talker = { &self->u, self->event, 5000, 0, 0 };
	pthread_t thread;
	unsigned int i;

	ASSERT_EQ(0, pthread_create(&thread, NULL, talk, &talker));
	wait_until_stuck(&talker);
	EXPECT_LT(__atomic_load_n(&talker.sent, __ATOMIC_RELAXED), 5000);
	for (i = 0; i < 5000; i++)
		ASSERT_EQ(0, unit_hear(&self->u, &self->m, 20000));
	pthread_join(thread, NULL);
	EXPECT_EQ(NMERR_SUCCESS, talker.answer);
	EXPECT_EQ(-EAGAIN, unit_hear(&self->u, &self->m, 0));
}

TEST_F(event, terminate_breaks_the_wait_for_a_full_socket)
{
	struct talker talker = { &self->u, self->event, UINT32_MAX, 0, 0 };
	pthread_t thread;
	uint64_t begin;

	ASSERT_EQ(0, pthread_create(&thread, NULL, talk, &talker));
	wait_until_stuck(&talker);
	begin = unit_now_ns();
	nexp_memfd_terminate(self->u.unit.pool);
	pthread_join(thread, NULL);
	EXPECT_EQ(NMERR_EXPERT_TERMINATE, talker.answer);
	EXPECT_GE(unit_now_ns() - begin, SEC);
	/* The grace period is given once, not for every row. */
	begin = unit_now_ns();
	EXPECT_EQ(NMERR_EXPERT_TERMINATE,
		  ExpertSubmitEvent(self->key, self->event));
	EXPECT_EQ(NMERR_EXPERT_TERMINATE,
		  ExpertSubmitEvent(self->key, self->event));
	EXPECT_LT(unit_now_ns() - begin, SEC);
}

TEST_HARNESS_MAIN
