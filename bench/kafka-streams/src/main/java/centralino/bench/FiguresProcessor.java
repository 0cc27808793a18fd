package centralino.bench;

import java.time.Instant;
import java.util.function.Consumer;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;

/** The steps of bench/steps.py: interactions in one store, cells of a channel, queue and ten seconds in another. */
final class FiguresProcessor implements Processor<String, Event, Void, Void> {
    static final String INTERACTIONS = "interactions";
    static final String FIGURES = "figures";

    private static final long BUCKET_MS = 10_000;
    private static final long THRESHOLD_MS = 20_000;
    private static final long SHORT_MS = 5_000;
    private static final long WRAP_UP_CAP_MS = 1_800_000;

    private final Runnable done;
    private KeyValueStore<String, Interaction> interactions;
    private KeyValueStore<String, Cell> figures;

    /** `done` is run after each event. */
    FiguresProcessor(Runnable done) {
        this.done = done;
    }

    @Override
    public void init(ProcessorContext<Void, Void> context) {
        interactions = context.getStateStore(INTERACTIONS);
        figures = context.getStateStore(FIGURES);
    }

    @Override
    public void process(Record<String, Event> record) {
        Event event = record.value();
        String id = event.data().interactionId();
        Interaction state = interactions.get(id);
        if (state == null) {
            state = new Interaction();
        }
        step(state, event);
        if (state.settled()) {
            interactions.delete(id);
        } else {
            interactions.put(id, state);
        }
        done.run();
    }

    private void step(Interaction state, Event event) {
        long at = Instant.parse(event.time()).toEpochMilli();
        Event.Data data = event.data();
        state.seenAt = at;
        switch (event.type()) {
            case "interaction.queued" -> {
                state.queue = data.queue();
                state.queuedAt = at;
                count(data.channel(), state.queue, at, cell -> cell.offered++);
            }
            case "interaction.answered" -> answered(state, data, at);
            case "interaction.held" -> state.heldAt = at;
            case "interaction.resumed" -> resumed(state, at);
            case "interaction.transferred" -> partOver(state, data, at);
            case "interaction.ended" -> {
                state.over = true;
                partOver(state, data, at);
            }
            case "interaction.abandoned" -> {
                state.over = true;
                if (state.queuedAt != 0) {
                    boolean brief = at - state.queuedAt <= SHORT_MS;
                    state.queuedAt = 0;
                    count(data.channel(), state.queue, at, cell -> {
                        cell.abandoned++;
                        cell.shortAbandoned += brief ? 1 : 0;
                    });
                }
            }
            case "interaction.flowed_out" -> {
                if (state.queuedAt != 0) {
                    state.queuedAt = 0;
                    count(data.channel(), state.queue, at, cell -> cell.flowedOut++);
                }
            }
            case "interaction.wrapped_up" -> {
                Interaction.Part part = state.parts.remove(data.agentId());
                if (part != null) {
                    long wrapUp = Math.min(at - part.endedAt, WRAP_UP_CAP_MS);
                    count(data.channel(), part.queue, part.endedAt, cell -> {
                        cell.wrapUpMs += wrapUp;
                        cell.handleMs += wrapUp;
                    });
                }
            }
            default -> { }
        }
    }

    private void answered(Interaction state, Event.Data data, long at) {
        if (state.queuedAt == 0) {
            state.queue = data.queue();
        } else {
            long wait = at - state.queuedAt;
            count(data.channel(), state.queue, at, cell -> {
                cell.answered++;
                cell.waitMs += wait;
                cell.inThreshold += wait <= THRESHOLD_MS ? 1 : 0;
            });
        }
        state.queuedAt = 0;
        state.answeredAt = at;
        state.agent = data.agentId();
        state.heldAt = 0;
        state.holdMs = 0;
    }

    private static void resumed(Interaction state, long at) {
        if (state.heldAt != 0) {
            state.holdMs += at - state.heldAt;
            state.heldAt = 0;
        }
    }

    private void partOver(Interaction state, Event.Data data, long at) {
        if (state.answeredAt == 0) {
            return;
        }
        resumed(state, at);
        long handle = at - state.answeredAt;
        long hold = state.holdMs;
        count(data.channel(), state.queue, at, cell -> {
            cell.handled++;
            cell.talkMs += handle - hold;
            cell.holdMs += hold;
            cell.handleMs += handle;
        });
        state.parts.put(state.agent, new Interaction.Part(state.queue, at));
        state.answeredAt = 0;
        state.agent = null;
    }

    private void count(String channel, String queue, long at, Consumer<Cell> change) {
        String key = channel + '|' + queue + '|' + at / BUCKET_MS * BUCKET_MS;
        Cell cell = figures.get(key);
        if (cell == null) {
            cell = new Cell();
        }
        change.accept(cell);
        figures.put(key, cell);
    }
}
