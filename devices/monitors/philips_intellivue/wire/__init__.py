"""IntelliVue Data Export on the wire: frames, association, remote operations, polls, values. Both directions, pure."""
