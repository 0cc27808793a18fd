package centralino.bench;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;

/** What the figures need of an event on the wire. */
@JsonIgnoreProperties(ignoreUnknown = true)
record Event(String type, String time, Data data) {
    @JsonIgnoreProperties(ignoreUnknown = true)
    record Data(
            @JsonProperty("interaction_id") String interactionId,
            String channel,
            String queue,
            @JsonProperty("agent_id") String agentId) {}
}
