/** What nodes tell of themselves, to each other and to the REST API. */
@NullMarked
package dev.matriarch.protocol.status;

import org.jspecify.annotations.NullMarked;
