package centralino.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.dataformat.cbor.databind.CBORMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/** The topology: one source, one processor, two stores. */
final class Figures {
    private Figures() {}

    /** `done` is run after each event. */
    static Topology topology(String topic, Runnable done) {
        ObjectMapper stored = new CBORMapper().addMixIn(Cell.class, Cell.Stored.class);
        return new Topology()
                .addSource("events", Serdes.String().deserializer(),
                        serde(new ObjectMapper(), Event.class).deserializer(), topic)
                .addProcessor("processor", () -> new FiguresProcessor(done), "events")
                .addStateStore(store(FiguresProcessor.INTERACTIONS, serde(stored, Interaction.class)), "processor")
                .addStateStore(store(FiguresProcessor.FIGURES, serde(stored, Cell.class)), "processor");
    }

    /** RocksDB with its changelog, and a cache before it, as the DSL has it by default. */
    private static <V> StoreBuilder<KeyValueStore<String, V>> store(String name, Serde<V> values) {
        return Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore(name), Serdes.String(), values)
                .withCachingEnabled();
    }

    private static <V> Serde<V> serde(ObjectMapper mapper, Class<V> type) {
        ObjectReader reader = mapper.readerFor(type);
        ObjectWriter writer = mapper.writerFor(type);
        return Serdes.serdeFrom(
                (topic, value) -> {
                    try {
                        return value == null ? null : writer.writeValueAsBytes(value);
                    } catch (IOException error) {
                        throw new UncheckedIOException(error);
                    }
                },
                (topic, bytes) -> {
                    try {
                        return bytes == null ? null : reader.readValue(bytes);
                    } catch (IOException error) {
                        throw new UncheckedIOException(error);
                    }
                });
    }
}
