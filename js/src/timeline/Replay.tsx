// Replays the turn that is shown: what was told of it is shown again in all views of the page, at any speed and either way.
import { type Signal, useSignal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { count } from "../inspector/words";
import { isSame, nameOf } from "./log";
import { TurnEvents, upperBound } from "./replayEvents";
import { type Player, playerOf, SPEEDS } from "./replayPlayer";
import type { TurnProps } from "./Timeline";

export function Replay({ store, turn, branch, logs, playhead }: TurnProps) {
  const player = playerOf(store);
  const note = useSignal<string | null>(null);
  const shows = player.turn.value === turn.key;
  usePlayhead(player, shows, playhead);

  const place = `${branch} ${turn.key}`;
  const shown = useRef(place);
  shown.current = place;
  useEffect(() => {
    note.value = null;
  }, [place]);

  /** Do it in the replay of this turn, which begins with it: at its end, as the turn is shown now. */
  const { within, leave } = useMemo(() => {
    // What was asked for last while the turn is fetched; null while it is not.
    let wanted: (() => void) | null = null;
    const begin = async () => {
      note.value = "Fetching what was told of it …";
      try {
        const events = new TurnEvents((await logs.of(branch, turn)).events);
        const view = store.view.peek();
        const now = view?.branch === branch ? view.turns.find((each) => isSame(turn, each)) : undefined;
        note.value = null;
        if (now === undefined || wanted === null || shown.current !== place) return;
        if (events.steps.length === 0) {
          note.value = "No action ran in this turn: there is nothing to replay.";
          return;
        }
        player.show(now, events, events.count);
        wanted();
      } catch (error) {
        if (shown.current === place)
          note.value = `It cannot be replayed: ${error instanceof Error ? error.message : error}`;
      } finally {
        wanted = null;
      }
    };
    return {
      within(act: () => void) {
        if (player.turn.peek() === turn.key) return act();
        const fetches = wanted !== null;
        wanted = act;
        if (!fetches) void begin();
      },
      leave() {
        wanted = null;
        player.leave();
      },
    };
  }, [player, store, logs, note, nameOf(branch, turn)]);

  const isRecording = (store.view.value?.session.recording ?? null) !== null;
  return (
    <section class="bcw-replay" aria-label="Replay" data-main={isRecording}>
      <Buttons player={player} shows={shows} within={within} leave={leave} />
      <Slider player={player} shows={shows} seconds={shows ? null : secondsOf(turn)} within={within} />
      <p class="bcw-lab-words" aria-live={player.playing.value ? "off" : "polite"}>
        {note.value ??
          (shows ? placeWords(player) : "Shows this turn again in all views, as it was told. Nothing runs.")}
      </p>
    </section>
  );
}

/** The plot shows where the replay is. */
function usePlayhead(player: Player, shows: boolean, playhead: Signal<number | null>): void {
  useEffect(() => {
    if (!shows) return;
    const stop = player.seconds.subscribe((seconds) => {
      playhead.value = seconds;
    });
    return () => {
      stop();
      playhead.value = null;
    };
  }, [player, shows, playhead]);
}

interface PartProps {
  player: Player;
  shows: boolean;
  within(act: () => void): void;
}

function Buttons({ player, shows, within, leave }: PartProps & { leave(): void }) {
  const playing = player.playing.value;
  const backwards = player.backwards.value;
  const button = (name: string, icon: string, act: () => void) => (
    <button type="button" class="bcw-control" onClick={() => within(act)}>
      <Icon path={icon} />
      <span>{name}</span>
    </button>
  );
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for form controls
    <div class="bcw-controls" role="group" aria-label="Replay controls">
      {button("Step back", "M4 3v10M13 3 7 8l6 5z", () => player.moveByStep(-1))}
      {button("Delta back", "M10 4 6 8l4 4", () => player.moveByDelta(-1))}
      <button
        type="button"
        class="bcw-control bcw-replay-play"
        aria-label={playing ? "Pause replay" : "Play"}
        onClick={() => within(() => (player.playing.peek() ? player.pause() : player.play()))}
      >
        <Icon path={playing ? "M5 3v10M11 3v10" : backwards ? "M12 3 5 8l7 5z" : "M4 3l7 5-7 5z"} />
        {/* As wide as the longer one: nothing beside it moves. */}
        <span class="bcw-replay-label" data-longest="Pause replay">
          {playing ? "Pause replay" : "Play"}
        </span>
      </button>
      {button("Delta forward", "M6 4l4 4-4 4", () => player.moveByDelta(1))}
      {button("Step forward", "M12 3v10M3 3l6 5-6 5z", () => player.moveByStep(1))}
      <button
        type="button"
        class="bcw-control"
        aria-pressed={backwards}
        onClick={() => {
          player.backwards.value = !backwards;
        }}
      >
        Backwards
      </button>
      <label class="bcw-replay-speed">
        Speed{" "}
        <select
          value={String(player.speed.value)}
          onChange={(event) => {
            player.speed.value = Number(event.currentTarget.value);
          }}
        >
          {SPEEDS.map((speed) => (
            <option key={speed} value={String(speed)}>{`${speed}×`}</option>
          ))}
        </select>
      </label>
      <button type="button" class="bcw-control" aria-disabled={!shows} aria-keyshortcuts="Escape" onClick={leave}>
        Back to now
      </button>
    </div>
  );
}

function Icon({ path }: { path: string }) {
  return (
    <svg class="bcw-control-icon" viewBox="0 0 16 16" aria-hidden="true">
      <path d={path} />
    </svg>
  );
}

/** Where it is, in milliseconds: dragged in time, moved with the arrow keys by deltas, with the page keys by steps. */
function Slider({ player, shows, seconds, within }: PartProps & { seconds: number | null }) {
  const length = Math.ceil((seconds ?? player.events.value?.seconds ?? 0) * 1000);
  const at = shows ? Math.round(player.seconds.value * 1000) : length;
  const onKeyDown = (event: KeyboardEvent) => {
    const act = KEYS[event.key];
    if (act === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    within(() => act(player));
  };
  return (
    <input
      type="range"
      class="bcw-replay-slider"
      aria-label="Where the replay is"
      aria-valuetext={shows ? placeWords(player) : "not replaying"}
      min={0}
      max={length}
      step={1}
      value={at}
      onKeyDown={onKeyDown}
      onInput={(event) => {
        // How long it is may be known only when it was fetched.
        const part = length === 0 ? 1 : Number(event.currentTarget.value) / length;
        within(() => {
          player.pause();
          player.goToTime(part * (player.events.peek()?.seconds ?? 0));
        });
      }}
    />
  );
}

const KEYS: Record<string, (player: Player) => void> = {
  ArrowLeft: (player) => player.moveByDelta(-1),
  ArrowDown: (player) => player.moveByDelta(-1),
  ArrowRight: (player) => player.moveByDelta(1),
  ArrowUp: (player) => player.moveByDelta(1),
  PageDown: (player) => player.moveByStep(-1),
  PageUp: (player) => player.moveByStep(1),
  Home: (player) => player.goTo(0),
  End: (player) => player.goTo(Number.POSITIVE_INFINITY),
};

function secondsOf({ started, ended }: TurnProps["turn"]): number {
  return ended === null ? 1 : ended - started;
}

function placeWords(player: Player): string {
  const { deltas, seconds } = player.events.value ?? { deltas: new Uint32Array(), seconds: 0 };
  const told = upperBound(deltas, player.told.value - 1);
  const step = player.step.value;
  const place = [
    `${player.seconds.value.toFixed(2)} s of ${seconds.toFixed(2)} s`,
    `${told.toLocaleString("en")} of ${count(deltas.length, "delta")}`,
  ];
  if (step !== null) place.push(step.action);
  return place.join(" · ");
}
