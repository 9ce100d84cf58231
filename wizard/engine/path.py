"""The request path as a networkx graph: which hops it has, and in which order the request meets them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import networkx as nx

from wizard.model.json import Json
from wizard.model.path import Hop, Link


class PathGraph:
    """Hops and links of one request, built from what the trace found."""

    def __init__(self, hops: list[Hop], links: list[Link]) -> None:
        self.graph: nx.DiGraph[str] = nx.DiGraph()
        for hop in hops:
            self.graph.add_node(hop.id, hop=hop)
        for link in links:
            if link.source in self.graph and link.target in self.graph:
                self.graph.add_edge(link.source, link.target, link=link)

    @classmethod
    def from_facts(cls, facts: Mapping[str, Json]) -> PathGraph:
        """The graph in the facts of the path.trace probe: `hops` and `links`."""
        hops = [
            Hop(_text(h, "id"), _text(h, "kind"), _text(h, "label"), _text(h, "resource") or None)
            for h in _mappings(facts.get("hops"))
        ]
        links = [
            Link(_text(e, "source"), _text(e, "target"), _text(e, "kind") or "next")
            for e in _mappings(facts.get("links"))
        ]
        return cls(hops, links)

    def __contains__(self, hop_id: str) -> bool:
        return hop_id in self.graph

    def in_order(self) -> list[tuple[Hop, Link | None]]:
        """Every hop with the link that leads to it, in the order the request meets them.

        A side trip right behind its hop.
        """
        # A graph with a cycle comes from a broken trace; its own order is then the best there is.
        is_dag = nx.is_directed_acyclic_graph(self.graph)
        order = list(nx.lexicographical_topological_sort(self.graph, key=self._rank)) if is_dag else list(self.graph)
        return [(self.graph.nodes[hop]["hop"], self._link_to(hop)) for hop in order]

    def _rank(self, hop_id: str) -> int:
        return list(self.graph).index(hop_id)

    def _link_to(self, hop_id: str) -> Link | None:
        edges: list[dict[str, Any]] = [data for _, _, data in self.graph.in_edges(hop_id, data=True)]
        return edges[0]["link"] if edges else None


def _mappings(value: Json) -> list[dict[str, Json]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _text(mapping: Mapping[str, Json], key: str) -> str:
    value = mapping.get(key)
    return value if isinstance(value, str) else ""
