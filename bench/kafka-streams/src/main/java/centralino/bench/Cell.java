package centralino.bench;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;

/** What a channel and queue count in ten seconds. Stored as an array; the names are those of the report. */
public class Cell {
    @JsonProperty("offered") public long offered;
    @JsonProperty("answered") public long answered;
    @JsonProperty("in_threshold") public long inThreshold;
    @JsonProperty("wait_ms") public long waitMs;
    @JsonProperty("abandoned") public long abandoned;
    @JsonProperty("short_abandoned") public long shortAbandoned;
    @JsonProperty("flowed_out") public long flowedOut;
    @JsonProperty("handled") public long handled;
    @JsonProperty("talk_ms") public long talkMs;
    @JsonProperty("hold_ms") public long holdMs;
    @JsonProperty("handle_ms") public long handleMs;
    @JsonProperty("wrap_up_ms") public long wrapUpMs;

    /** As it is stored. */
    @JsonFormat(shape = JsonFormat.Shape.ARRAY)
    interface Stored {}

    /** As it is reported: without what is 0. */
    @JsonInclude(JsonInclude.Include.NON_DEFAULT)
    interface Reported {}
}
