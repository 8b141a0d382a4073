"""Where a verb has its subject: lists before it, a town with its state that only looks like one, behind a quotation."""

from __future__ import annotations

from .chunks import Clauses, noun_chain_head

PLACES = frozenset({"COUNTRY", "CITY", "REGION", "LOC"})


#: Prepositions that open a sentence with its time or setting, whose noun phrase is no part of a list.
_SETTING = frozenset({"during", "under", "after", "before", "since", "despite", "amid", "unlike", "besides", "like"})


def coordinated_left(clauses: Clauses, k: int) -> list[int]:
    """The noun phrases of a list that ends with ``k`` ("A, B and C"), left to right."""
    chunks, found = clauses.chunks, [k]
    joined = parted = False
    while k >= 2 and len(found) < 12:
        if chunks[k - 1].kind == "C" and chunks[k - 1].word not in ("but", "yet"):
            j, joined = k - 2, True
            if j >= 0 and chunks[j].kind == "," and j >= 1:
                j, parted = j - 1, True
        elif chunks[k - 1].kind == "," and joined:
            j = k - 2
        else:
            break
        if j < 0 or chunks[j].kind != "NP":
            break
        head = noun_chain_head(clauses, j)
        if head > 0 and chunks[head - 1].kind == "VG" and (chunks[head - 1].finite or parted):
            break  # "banned men wearing masks, and a lawmaker was stabbed"
        if head > 1 and chunks[head - 1].kind == "P" and chunks[head - 2].kind == "VG" and chunks[head - 2].finite:
            break  # "marched through Tunis on Monday and police arrested"
        if chunks[k - 1].kind == "," and head == 1 and (chunks[0].kind == "P" or chunks[0].word in _SETTING):
            break  # "during the Obama administration, a professor and others called", "in Brussels, ministers and envoys"
        if head != j and len(found) == 1 and {clauses.tokens.kind[chunks[n].head] for n in (j, k)} <= PLACES:
            found.clear()  # "the bombings in Kenya and Tanzania", "ships from Chile and Peru"
        found.insert(0, head)
        k = head
    return found


def is_wider_place(clauses: Clauses, k: int) -> bool:
    """ "The chief of police in Louisville, Kentucky": whether the noun phrase ``k`` says where the town before it lies."""
    chunks, tokens = clauses.chunks, clauses.tokens
    if k < 2 or chunks[k - 1].kind != "," or chunks[k - 2].kind != "NP":
        return False
    wider, town = chunks[k], chunks[k - 2]
    if wider.first != wider.head or tokens.kind[wider.head] not in ("REGION", "COUNTRY"):
        return False
    placed = "in" in tokens.low[town.first : town.last] or (k > 2 and chunks[k - 3].word in ("in", "at", "near"))
    return placed and tokens.capital[town.last]


def is_tag_verb(clauses: Clauses, v: int) -> bool:
    """Whether the verb ``v`` comes right behind a quotation and before its subject: "..., warned Ann Bell"."""
    chunks, tokens = clauses.chunks, clauses.tokens
    first = chunks[v].first
    if first < 2 or tokens.tag[first - 1] != '"' or tokens.text[first - 2] not in (",", "!", "?"):
        return False
    marks = [text for text, tag in zip(tokens.text[:first], tokens.tag[:first], strict=True) if tag == '"']
    closed = marks[-1] not in _OPENING_MARKS and (marks[-1] in _CLOSING_MARKS or len(marks) % 2 == 0)
    return (
        closed and chunks[v].form in "dx" and chunks[v].aux < 0 and v + 1 < len(chunks) and chunks[v + 1].kind == "NP"
    )


_OPENING_MARKS, _CLOSING_MARKS = frozenset({"“", "``", "‘"}), frozenset({"”", "''", "’"})
