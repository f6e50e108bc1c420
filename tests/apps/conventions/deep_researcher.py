"""Research in rounds: a topic is searched, summarised and reflected upon until it is enough; then the application ends."""

from __future__ import annotations

from typing import Any

from burr.core import Application, ApplicationBuilder, State, action, default, expr

from apps.conventions.expected import Row, Turn


@action(reads=[], writes=["research_topic", "search_query", "running_summary", "sources", "loop_count"])
def generate_query(state: State, research_topic: str) -> tuple[dict[str, Any], State]:
    """What to search for."""
    query = f"all about {research_topic}"
    return {"search_query": query}, state.update(
        research_topic=research_topic, search_query=query, running_summary=None, sources=[], loop_count=0
    )


@action(reads=["search_query", "loop_count"], writes=["sources", "loop_count"])
async def web_research(state: State) -> tuple[dict[str, Any], State]:
    """Searches."""
    source = {"title": f"Page {state['loop_count'] + 1}", "query": state["search_query"]}
    return {"sources": [source]}, state.append(sources=source).update(loop_count=state["loop_count"] + 1)


@action(reads=["sources", "running_summary"], writes=["running_summary"])
def summarize_sources(state: State) -> tuple[dict[str, Any], State]:
    """Goes on with the summary."""
    known = [state["running_summary"]] if state["running_summary"] else []
    summary = " ".join([*known, f"{state['sources'][-1]['title']} says more."])
    return {"running_summary": summary}, state.update(running_summary=summary)


@action(reads=["running_summary", "loop_count"], writes=["search_query"])
def reflect_on_summary(state: State) -> tuple[dict[str, Any], State]:
    """What is missing."""
    query = f"more, {state['loop_count']}"
    return {"search_query": query}, state.update(search_query=query)


@action(reads=["running_summary", "sources"], writes=["running_summary"])
def finalize_summary(state: State) -> tuple[dict[str, Any], State]:
    """Adds the sources."""
    titles = "\n".join(f"* {source['title']}" for source in state["sources"])
    summary = f"## Summary\n\n{state['running_summary']}\n\n### Sources\n{titles}"
    return {"running_summary": summary}, state.update(running_summary=summary)


def application() -> Application[Any]:
    """A fresh one."""
    return (
        ApplicationBuilder()
        .with_actions(generate_query, web_research, summarize_sources, reflect_on_summary, finalize_summary)
        .with_transitions(
            ("generate_query", "web_research"),
            ("web_research", "summarize_sources"),
            ("summarize_sources", "reflect_on_summary"),
            ("reflect_on_summary", "web_research", expr("loop_count < 2")),
            ("reflect_on_summary", "finalize_summary", default),
        )
        .with_entrypoint("generate_query")
        .build()
    )


ROUND = ["web_research", "summarize_sources", "reflect_on_summary"]

SUMMARY = "## Summary\n\nPage 1 says more. Page 2 says more.\n\n### Sources\n* Page 1\n* Page 2"

ROWS = {
    "research in rounds": Row(
        application,
        prompt="research_topic",
        history=None,
        delta=None,
        turns=[
            Turn(
                topic,
                ["generate_query", *ROUND, *ROUND, "finalize_summary"],
                [("user", topic), ("text", SUMMARY)],
                {"running_summary": SUMMARY, "loop_count": 2, "research_topic": topic},
                ends=True,
            )
            for topic in ("rivers", "lakes")
        ],
    ),
}
