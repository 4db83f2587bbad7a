/**
 * The operator's commands. They ask any agent over its REST API and print what it says in the form
 * of {@code patronictl}.
 */
@NullMarked
package dev.matriarch.deploy.cli;

import org.jspecify.annotations.NullMarked;
