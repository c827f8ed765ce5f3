"""Leases as a whole: forwarders with clocks of their own, slow or lost answers, pauses and crashes."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from atlaslens_forwarder.lease.book import LeaseBook, Peer, Record

TTL_S = 3.0
NAMES = ("a:x", "a:y", "alerts")
WHO = st.integers(0, 2)


class Node:
    """A forwarder whose monotonic clock began at another time than the others'."""

    def __init__(self, number, life):
        self.name = f"host{number}:{life}"
        self.offset_s = 1000.0 * number + 7 * life
        self.book = LeaseBook(self.name, NAMES, TTL_S)
        self.read = None


class Leases(RuleBasedStateMachine):
    """The store is a dictionary with compare-and-set; every message may come late or not at all."""

    def __init__(self):
        super().__init__()
        self.now_s = 0.0
        self.versions = 0
        self.store = {}
        self.signs = {}
        self.lives = 0
        self.greatest = dict.fromkeys(NAMES, 0)
        self.nodes = [self.born(number) for number in range(3)]

    def born(self, number):
        self.lives += 1
        return Node(number, self.lives)

    def version(self):
        self.versions += 1
        return (1, self.versions)

    def beat(self, node):
        self.signs[node.name] = Peer(self.version(), frozenset(NAMES))

    def fetch(self, node):
        node.read = dict(self.store), {name: peer for name, peer in self.signs.items() if name != node.name}

    def act(self, node, *, leaving=False, lose_answers=False):
        """Judge what was read, however long ago, and write; ours are renewed before others are taken."""
        records, peers = node.read
        now_s = self.now_s + node.offset_s
        decided = node.book.observe(records, peers, now_s, leaving=leaving)
        wanted = {name: node.book.token(name) for name in decided.renew}
        wanted |= {name: token for name, (token, _) in decided.take.items()}
        for name, token in wanted.items():
            seen = records.get(name)
            if self.store.get(name) != seen:
                node.book.drop(name)
                continue
            if name in decided.take:
                assert token > self.greatest[name]
                self.greatest[name] = token
            self.store[name] = Record(node.name, token, TTL_S, self.version())
            if not lose_answers:
                node.book.confirm(name, token, now_s)
        node.read = None

    @rule(who=WHO)
    def reads(self, who):
        self.fetch(self.nodes[who])

    @rule(who=WHO, lose_answers=st.booleans())
    def acts(self, who, lose_answers):
        if self.nodes[who].read is not None:
            self.act(self.nodes[who], lose_answers=lose_answers)

    @rule(who=WHO)
    def polls(self, who):
        self.beat(self.nodes[who])
        self.fetch(self.nodes[who])
        self.act(self.nodes[who])

    @rule(seconds=st.sampled_from([0.1, 0.9, 1.0, TTL_S, 2 * TTL_S]))
    def time_passes(self, seconds):
        self.now_s += seconds

    @rule(who=WHO)
    def is_killed_and_starts_again(self, who):
        self.nodes[who] = self.born(who)

    @rule(who=WHO, name=st.sampled_from(NAMES))
    def releases(self, who, name):
        node, record = self.nodes[who], self.store.get(name)
        token = node.book.token(name)
        if token is not None and record is not None and (record.holder, record.token) == (node.name, token):
            self.store[name] = Record("", token, TTL_S, self.version())
            node.book.drop(name)

    def believers(self, name):
        return [
            node.name
            for node in self.nodes
            if node.book.token(name) is not None
            and self.now_s + node.offset_s < node.book.valid_until_s(name)
        ]

    @invariant()
    def never_two_believe_in_one_lease(self):
        for name in NAMES:
            assert len(self.believers(name)) <= 1

    @rule()
    def two_that_go_on_get_all_and_then_nothing_moves(self):
        """Progress: within ttl and a poll all is held, though the third is silent; then it stays so."""
        living = self.nodes[:2]
        for _ in range(12):
            for node in living:
                self.beat(node)
                self.fetch(node)
                records, _ = node.read
                hand_over = node.book.observe(*node.read, self.now_s + node.offset_s).hand_over
                for name in hand_over:
                    self.store[name] = Record("", records[name].token, TTL_S, self.version())
                    node.book.drop(name)
                self.fetch(node)
                self.act(node)
            self.now_s += TTL_S / 3
        held = {name: self.believers(name) for name in NAMES}
        assert all(len(who) == 1 for who in held.values()), held
        shares = sorted(sum(who == [node.name] for who in held.values()) for node in living)
        assert shares == [1, 2]


Leases.TestCase.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
TestLeases = Leases.TestCase
